import { isIP } from 'node:net'
import { parentOf } from '../names.js'
import { type Answer, Names } from './lookup.js'

/** Who is asked about a zone. */
export interface Asking {
  /** Whom to ask for its name servers. */
  readonly resolvers: readonly string[]
  /** Where those answer. */
  readonly port: number
  /** People choose the name servers of their names, so that not every address may be asked. */
  mayAsk(address: string): boolean
}

/** `silent` where no name server of the zone says anything to us. */
export type Sight = 'seen' | 'not-seen' | 'silent'

/** Of aliases that lead to aliases, and zones handed on. */
const mostHops = 5
const mostServers = 12

/**
 * Whether the name servers of the zone themselves show a text. Resolvers remember, often for an hour, that a record was not there a moment
 * ago. So they are asked for the name servers alone, and never for the name of the record before it is known to be there.
 */
export async function lookAtAuthority(asking: Asking, name: string, text: string, hops = mostHops): Promise<Sight> {
  const resolvers = new Names(asking.resolvers)
  return lookAt(await resolvers.serversOf(parentOf(name)), hops)

  async function lookAt(servers: readonly string[], left: number): Promise<Sight> {
    const said = (await answersOf(asking, resolvers, servers, name)).filter(({ answer }) => isSaid(answer))
    if (said.length === 0) return 'silent'
    // Whoever makes the certificate may ask any of them.
    if (said.every(({ answer }) => answer.kind === 'records' && answer.records.includes(text))) return 'seen'
    if (left === 0 || said.some(({ answer }) => answer.kind !== 'none')) return 'not-seen'
    // There is something by that name, and no text: it is an alias, or handed on to other name servers.
    const alias = (await Promise.all(said.map(({ server }) => server.aliasOf(name)))).find((one) => one !== null)
    if (alias) return lookAtAuthority(asking, alias, text, left - 1)
    const handedTo = await resolvers.serversAt(name)
    return handedTo.length > 0 ? lookAt(handedTo, left - 1) : 'not-seen'
  }
}

const isSaid = ({ kind }: Answer<string>): boolean => kind === 'records' || kind === 'none' || kind === 'nxdomain'

async function answersOf(asking: Asking, resolvers: Names, servers: readonly string[], name: string) {
  const addresses = await Promise.all(servers.slice(0, mostServers).map((server) => resolvers.addressesOf(server)))
  const allowed = [...new Set(addresses.flat())].filter((address) => asking.mayAsk(address)).slice(0, mostServers)
  return Promise.all(
    allowed.map(async (address) => {
      const server = new Names([`${isIP(address) === 6 ? `[${address}]` : address}:${asking.port}`])
      return { server, answer: await server.texts(name) }
    }),
  )
}
