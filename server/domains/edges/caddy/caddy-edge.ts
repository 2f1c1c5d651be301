import { all, cmd, either } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { type Edge, type EdgeCheck, type EdgeSite, urlOfSite } from '../edge.js'
import { logFolder } from '../layout.js'
import { assertFacesVisitors, isListening, untilPortIsFree } from '../probe.js'
import { clearUpstream, currentAddress, makeFolders, switchUpstream } from '../upstream.js'
import { type AdminDoor, changeConfig, readConfig, startCaddy } from './admin.js'
import { forgetSite, restoreAfterRestarts, saveSite } from './after-restart.js'
import { isOpenFor, withoutSite, withSite } from './config.js'
import type { Json } from './json.js'

/** The user that runs Caddy in Debian's package, and the door to its configuration there. */
const usual = { door: { port: 2019 } as AdminDoor, user: 'caddy' }

/** Caddy as the edge: set up through its admin API, beside whatever else it serves on that machine. */
export function caddyEdge({ door, user }: { door: AdminDoor; user: string } = usual): Edge {
  return {
    name: 'caddy',
    check: (host) => check(host, door),
    prepare: (host) => restoreAfterRestarts(host, door),
    async ensureSite(host, site, letGoElsewhere) {
      await host.run(all(makeFolders(site), giveLogs(site, user)), { timeoutMs: 15_000 })
      await changeConfig(host, door, async (config) => {
        if (!isOpenFor(config, site)) {
          await letGoElsewhere?.()
          await untilPortIsFree(host, site)
        }
        return withSite(config, site)
      })
      await saveSite(host, site)
      await assertFacesVisitors(host, site, 'Caddy')
    },
    reconcile: (host, sites) =>
      changeConfig(host, door, (config) => sites.reduce<Json>((changed, site) => withSite(changed, site), config)),
    switchTo: switchUpstream,
    clear: clearUpstream,
    current: currentAddress,
    letGo: (host, site) => letGo(host, door, site),
    async removeSite(host, site) {
      await letGo(host, door, site)
      await host.run(forgetSite(host, site), { timeoutMs: 15_000 })
    },
    url: urlOfSite,
  }
}

/** A Caddy that does not run has no port that it could free, and what came by its admin API it has forgotten. */
async function letGo(host: Host, door: AdminDoor, site: EdgeSite): Promise<void> {
  if (await isListening(host, door)) await changeConfig(host, door, (config) => withoutSite(config, site.siteId))
}

async function check(host: Host, door: AdminDoor): Promise<EdgeCheck> {
  try {
    await readConfig(host, door)
    return { ok: true }
  } catch (error) {
    if ((await host.status(cmd('which', 'caddy'), { timeoutMs: 15_000 })) !== 0)
      return { ok: false, why: `Caddy is not installed on ${host.name}`, fix: 'Prepare the server: it installs Caddy.' }
    return { ok: false, why: error instanceof Error ? error.message : String(error), fix: startCaddy }
  }
}

/**
 * Caddy creates and renames the log itself. Where it runs as nobody we know, or we may not give the folder away, it is
 * left as it is and Caddy says whether it can write there.
 */
const giveLogs = (site: EdgeSite, user: string) =>
  either(all(cmd('id', '-u', '--', user), cmd('chown', '--', user, logFolder(site.folder))), cmd('true'))
