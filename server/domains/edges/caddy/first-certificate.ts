import { setTimeout as wait } from 'node:timers/promises'
import { cmd, either } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { shownCertificate } from '../../certificates/handshake.js'
import type { Front } from '../front.js'
import { type AdminDoor, readConfig } from './admin.js'
import type { Json } from './json.js'
import { isAsked, isFirstUnderWay, withFirstPolicy } from './policies.js'
import { type FrontSite, isAnyManaged, managedNames, namesServedSecurely, portIn, withFront } from './web.js'

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
  const { acme } = front
  if (managedNames(front).length === 0) return
  const knows = (config: Json) => (acme === null ? isAnyManaged(config) : isAsked(config, site, acme))
  await host.learned.once(`certificates of ${JSON.stringify([door, acme])}`, async (machine) => {
    const config = await afterOthers(machine, door, site, acme)
    const name = firstOf(config, site, front)
    if (name === undefined || knows(config)) return
    const look = () => seen(machine, portIn(config, 'https'), name, site.certificateLog)
    const before = await look()
    await write((current) => withFirst(current, site, front, name))
    await until(async () => (await look()) !== before)
  })
}

/** What is left to Caddy it has asked for already where it is served; another CA it is to ask for all. */
function firstOf(config: Json, { siteId }: FrontSite, front: Front): string | undefined {
  const served = namesServedSecurely(config, siteId)
  return managedNames(front).find((name) => front.acme !== null || !served.has(name))
}

/** Names that are served as they are, and those that Caddy asks nobody for, stay beside the first. */
function withFirst(config: Json, site: FrontSite, front: Front, name: string): Json {
  const served = namesServedSecurely(config, site.siteId)
  const managed = managedNames(front)
  const stays = (one: string) => one === name || served.has(one) || !managed.includes(one)
  const { serves, redirects, primary } = front
  const first = {
    ...front,
    serves: serves.filter(stays),
    redirects: redirects.filter((redirect) => stays(redirect.name)),
    primary: primary !== null && stays(primary) ? primary : null,
  }
  return withFirstPolicy(withFront(config, site, first), { before: config, site, front, name })
}

/** Another worker may be at the first name of another site. Whoever was lost at it is not waited for longer. */
async function afterOthers(host: Host, door: AdminDoor, site: FrontSite, acme: Front['acme']): Promise<Json> {
  let { config } = await readConfig(host, door)
  await until(async () => {
    if (acme === null || !isFirstUnderWay(config, site, acme)) return true
    config = (await readConfig(host, door)).config
    return false
  })
  return config
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const began = performance.now(); performance.now() - began < longestMs; await wait(200)) if (await isSo()) return
}

/** Another certificate, or another word of Caddy's about certificates, is what is waited for. */
async function seen(host: Host, port: number, name: string, log: string): Promise<string> {
  const shown = await shownCertificate(host, port, name).catch(() => null)
  const size = either(cmd('stat', '-c', '%s', '--', log), cmd('echo', 0))
  return `${shown?.isForName ? shown.beginsAt.getTime() : 'none'} ${await host.capture(size, { timeoutMs: 15_000 })}`
}
