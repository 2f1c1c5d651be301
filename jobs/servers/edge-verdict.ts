import type { EdgeCheck, EdgeName } from '../../server/domains/edges/edge.js'
import { edges } from '../../server/domains/edges/edges.js'
import type { Host } from '../../server/platform/ssh/host.js'
import type { Facts } from '../../server/servers/facts.js'

/** Whether the edge can face visitors there. The relay's own check brings scripts; a look must change nothing. */
export async function edgeVerdict(host: Host, edge: EdgeName, facts: Facts): Promise<EdgeCheck> {
  if (edge === 'caddy') return edges.caddy.check(host)
  if (Number.parseInt(facts.node ?? '0', 10) >= 20) return { ok: true }
  return {
    ok: false,
    why: 'Node 20 or newer was not found',
    fix: 'Prepare the server: Hostler brings Node for the relay. Or use Caddy there.',
  }
}
