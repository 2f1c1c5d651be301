import { setTimeout as wait } from 'node:timers/promises'
import { UserError } from '../../../platform/errors.js'
import { cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { isOpenToAll } from '../access.js'
import { type Edge, type EdgePlace, urlOfSite } from '../edge.js'
import { ensureFile } from '../files.js'
import { assertFacesVisitors, probeSite } from '../probe.js'
import { clearUpstream, currentAddress, makeFolders, switchUpstream } from '../upstream.js'
import { checkRelay, ensureRelay, relayFolder, stopIdleRelay, superviseRelay } from './relay-process.js'

const timeoutMs = 15_000
const openWithinMs = 15_000

/** For machines with only Node: one small relay process, a port per site. It looks for new sites by itself. */
export const directEdge: Edge = {
  name: 'direct',
  check: checkRelay,
  prepare: superviseRelay,
  async ensureSite(host, site, letGo) {
    if (!isOpenToAll(site.access)) throw letsEverybodyIn(host)
    const made = host.run(makeFolders(site), { timeoutMs })
    const [isNew, hasStarted] = await Promise.all([ensureSiteFile(host, site), ensureRelay(host), made])
    await letGo?.()
    await untilOpen(host, site)
    return { isChanged: isNew || hasStarted }
  },
  async reconcile(host, sites) {
    const added = await Promise.all(sites.map((site) => ensureSiteFile(host, site)))
    const hasStarted = sites.length > 0 && (await ensureRelay(host))
    return hasStarted || added.includes(true)
  },
  // Its sites are files, which it reads again after each start.
  lost: async () => [],
  switchTo: switchUpstream,
  clear: clearUpstream,
  current: currentAddress,
  letGo,
  applyFront: null,
  webPorts: async () => null,
  async removeSite(host, site) {
    await letGo(host, site)
    await stopIdleRelay(host)
  },
  url: urlOfSite,
}

/** Who had to know a password would get in without one. */
export const letsEverybodyIn = (host: Host): UserError =>
  new UserError(
    409,
    `The relay of ${host.name} has no passwords, headers or maintenance page, which this site has`,
    'Take them away on its page “Access”, or prepare the server with the edge “caddy”.',
  )

async function letGo(host: Host, { siteId }: EdgePlace): Promise<void> {
  await host.run(cmd('rm', '-f', '--', siteFile(host, siteId)), { timeoutMs })
}

const siteFile = (host: Host, siteId: string) => `${relayFolder(host)}/sites/${siteId}.json`

const ensureSiteFile = (host: Host, { siteId, port, folder }: EdgePlace): Promise<boolean> =>
  ensureFile(host, siteFile(host, siteId), `${JSON.stringify({ siteId, port, folder })}\n`)

/** The relay sees a new file at once, and a second later where watching does not work; a busy machine starts it slowly. */
async function untilOpen(host: Host, site: EdgePlace): Promise<void> {
  const until = Date.now() + openWithinMs
  for (let waitMs = 50; ; waitMs = Math.min(2 * waitMs, 1000)) {
    const found = await probeSite(host, site)
    if (found === 'ready') return
    if (found === 'blind' || Date.now() > until) break
    await wait(waitMs)
    // Somebody who removed the last site may have ended it just now.
    if (waitMs > 200) await ensureRelay(host)
  }
  await assertFacesVisitors(host, site, 'The relay')
}
