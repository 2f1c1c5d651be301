import { z } from 'zod'
import type { DomainsRow, FrontsRow, SitesRow } from '../platform/db/tables.js'
import { unicodeOf } from './names.js'
import { isChecking, stateOf } from './rules.js'
import { type DomainOutput, Finding, type FrontOutput } from './schema.js'

/** Rows as pages and the API show them. */

export const domainView = (
  row: DomainsRow,
  front: FrontsRow | null,
  edge: SitesRow['edge'],
): z.input<typeof DomainOutput> => ({
  id: row.id,
  name: row.name,
  unicodeName: unicodeOf(row.name),
  role: row.role,
  redirectStatus: row.redirect_status,
  state: stateOf(row, front, edge),
  verifiedAt: row.verified_at,
  verifiedBy: row.verified_by,
  isChecking: isChecking(row),
  checkedAt: row.checked_at,
  findings: z.array(Finding).safeParse(row.findings).data ?? [],
  createdAt: row.created_at,
})

export const serverAddresses = (row: DomainsRow): string[] =>
  z.array(z.string()).safeParse(row.server_addresses).data ?? []

/** Where nothing was ever set, what would hold. */
export function frontView(
  front: FrontsRow | null,
  edge: SitesRow['edge'],
  domains: readonly DomainsRow[],
): z.input<typeof FrontOutput> {
  const state = frontState(front, edge, domains)
  return {
    forceHttps: front?.force_https ?? true,
    hsts: front?.hsts ?? false,
    state,
    failure: state === 'failed' ? (front?.failure ?? null) : null,
    hint: state === 'failed' ? (front?.failure_hint ?? null) : null,
    appliedAt: front?.applied_at ?? null,
  }
}

function frontState(front: FrontsRow | null, edge: SitesRow['edge'], domains: readonly DomainsRow[]) {
  if (domains.length === 0) return 'empty' as const
  if (edge === 'direct') return 'unsupported' as const
  if (front && front.applied_revision === front.revision && front.applied_edge === edge) return 'applied' as const
  return front && front.failed_revision === front.revision ? ('failed' as const) : ('waiting' as const)
}
