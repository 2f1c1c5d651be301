import type { z } from 'zod'
import { deployCan } from '../../deploys/deploys.js'
import type { TeamCtx } from '../../platform/access/ctx.js'
import type { FrontsRow, SitesRow } from '../../platform/db/tables.js'
import { why } from '../../platform/verdict.js'
import { findServer } from '../../servers/servers.js'
import { findSite, siteCan } from '../../sites/sites.js'
import { maybeFront } from '../queries.js'
import { applicationOf } from '../rules.js'
import * as queries from './access-queries.js'
import type { AccessOutput } from './access-schema.js'
import { headersOf, headersText } from './headers.js'

export const accessPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const site = await findSite(tx, slug)
    const front = await maybeFront(tx, site.id)
    const visitors = await queries.visitorsOf(tx, site.id)
    const headers = headersOf(front)
    const state = stateOf(front, site.edge)
    return {
      site,
      server: await findServer(tx, site.server_id),
      deployWhy: why(deployCan.deploy(site)),
      changeWhy: why(siteCan.change(site)),
      access: {
        visitors: visitors.map(({ id, username, changed_at }) => ({ id, username, changedAt: changed_at })),
        headers,
        maintenance: { isOn: front?.in_maintenance ?? false, text: front?.maintenance_text ?? '' },
        state,
      } satisfies z.input<typeof AccessOutput>,
      headersText: headersText(headers),
      failure: state === 'failed' && front ? { message: front.failure, hint: front.failure_hint } : null,
    }
  })

/** Before anything was ever set there is nothing that the edge could have. */
function stateOf(front: FrontsRow | undefined, edge: SitesRow['edge']) {
  if (edge === 'direct') return 'unsupported' as const
  return front === undefined ? ('empty' as const) : applicationOf(front, edge)
}
