import { setTimeout as wait } from 'node:timers/promises'
import { cmd, either } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { shownCertificate } from '../../certificates/handshake.js'
import type { Front } from '../front.js'
import { type AdminDoor, readConfig } from './admin.js'
import type { Json } from './json.js'
import { isAsked, withFirstPolicy } from './policies.js'
import { type FrontSite, hasNames, isServedSecurely, managedNames, portIn, withFront } from './web.js'

/** A CA takes a few seconds. One that takes longer has made the account by then, or has refused it. */
const longestMs = 20_000

export interface First {
  site: FrontSite
  front: Front
  /** Writes the configuration, with all that has to be looked at before. */
  write(change: (config: Json) => Json): Promise<void>
}

/**
 * A Caddy that has no account with a CA makes one for each name that it asks for at the same moment, and may then keep the
 * key of one with the address of another: no certificate is renewed any more ("JWS verification error"; seen in 2.6). So
 * with a CA that is new to it the first name goes alone, until its certificate is there or was refused.
 */
export async function firstAlone(host: Host, door: AdminDoor, { site, front, write }: First): Promise<void> {
  const [name] = managedNames(front)
  if (name === undefined) return
  const { acme } = front
  const knows = (config: Json) => (acme === null ? hasNames(config) : isAsked(config, site, acme))
  await host.learned.once(`certificates of ${JSON.stringify([door, acme])}`, async (machine) => {
    const { config } = await readConfig(machine, door)
    if (knows(config)) return
    const look = () => seen(machine, portIn(config, 'https'), name, site.certificateLog)
    const before = await look()
    await write((current) =>
      isServedSecurely(current, site.siteId)
        ? withFirstPolicy(current, site, front, name)
        : withFront(current, site, { ...front, serves: [name], redirects: [], primary: null }),
    )
    for (const began = performance.now(); performance.now() - began < longestMs; await wait(200))
      if ((await look()) !== before) return
  })
}

/** Another certificate, or another word of Caddy's about certificates, is what is waited for. */
async function seen(host: Host, port: number, name: string, log: string): Promise<string> {
  const shown = await shownCertificate(host, port, name).catch(() => null)
  const size = either(cmd('stat', '-c', '%s', '--', log), cmd('echo', 0))
  return `${shown?.isForName ? shown.beginsAt.getTime() : 'none'} ${await host.capture(size, { timeoutMs: 15_000 })}`
}
