import type { Host } from '../../platform/ssh/host.js'
import type { Edge, EdgeSite } from './edge.js'

/**
 * Puts a site behind another edge of its server, at whatever is live. Two programs cannot have one port, so a new connection that
 * comes between the two is refused. When `to` cannot, the site is behind `from` again.
 */
export async function takeOver(host: Host, site: EdgeSite, from: Edge, to: Edge): Promise<void> {
  try {
    await to.ensureSite(host, site, () => from.letGo(host, site))
  } catch (error) {
    try {
      await to.removeSite(host, site)
    } finally {
      await from.ensureSite(host, site)
    }
    throw error
  }
  await from.removeSite(host, site)
}
