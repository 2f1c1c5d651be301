import { z } from 'zod'
import type { CertificatesRow, DomainsRow, FrontsRow, SitesRow } from '../platform/db/tables.js'
import type { OwnCertificate } from './certificates/own-queries.js'
import type { OwnCertificateOutput } from './certificates/own-schema.js'
import { unicodeOf } from './names.js'
import { applicationOf, isChecking, stateOf } from './rules.js'
import { type DomainOutput, Finding, type FrontOutput } from './schema.js'

/** Rows as pages and the API show them. */

/** What stands beside a domain's own row. */
export interface Beside {
  front: FrontsRow | null
  edge: SitesRow['edge']
  certificate: CertificatesRow | null
}

export const domainView = (row: DomainsRow, { front, edge, certificate }: Beside): z.input<typeof DomainOutput> => ({
  id: row.id,
  name: row.name,
  unicodeName: unicodeOf(row.name),
  role: row.role,
  redirectStatus: row.redirect_status,
  state: stateOf(row, front, edge),
  verifiedAt: row.verified_at,
  verifiedBy: row.verified_by,
  isGiven: row.sites_domain_id !== null,
  isChecking: isChecking(row),
  checkedAt: row.checked_at,
  findings: findingsOf(row),
  certificate: certificate && certificateView(certificate),
  createdAt: row.created_at,
})

/** Null before the first look. */
const certificateView = ({ seen_at, ...row }: CertificatesRow) =>
  seen_at && {
    issuer: row.issuer,
    beginsAt: row.begins_at,
    endsAt: row.ends_at,
    seenAt: seen_at,
    failure: row.failure,
    hint: row.failure_hint,
  }

/** A column of JSON was written by us, and is parsed like anything else. */
export const findingsOf = (row: DomainsRow): Finding[] => z.array(Finding).safeParse(row.findings).data ?? []

export const ownView = (row: OwnCertificate | undefined): z.input<typeof OwnCertificateOutput> | null =>
  row
    ? {
        issuer: row.issuer,
        beginsAt: row.begins_at,
        endsAt: row.ends_at,
        givenBy: row.given_by,
        givenAt: row.given_at,
        source: row.source,
      }
    : null

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
  if (edge === 'direct') return 'unsupported' as const
  if (domains.length === 0) return 'empty' as const
  return applicationOf(front, edge)
}
