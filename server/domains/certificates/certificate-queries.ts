import type { TransactionOf } from '../../platform/db/doors.js'
import type { CertificatesRow, DomainsRow } from '../../platform/db/tables.js'

/** Certificates that are due to be looked at, over all teams. */
type System = TransactionOf<'system'>

export interface DueCertificate {
  id: string
  name: string
  team_id: string
  site_id: string
  server_id: string
  site_name: string
  issuer: string | null
  begins_at: Date | null
  ends_at: Date | null
  told_days: number | null
  /** Not null where Caddy obtains none for it: whose certificate it has. */
  own_id: string | null
}

/** Of names that the edge has. Wildcards have one only if it is their own. */
export const dueCertificates = (db: System, now: Date, limit: number): Promise<DueCertificate[]> =>
  db('domains as d')
    .join('sites as s', 's.id', 'd.site_id')
    .join('fronts as f', 'f.site_id', 'd.site_id')
    .leftJoin('certificates as c', 'c.domain_id', 'd.id')
    .leftJoin('own_certificates as o', 'o.domain_id', 'd.id')
    .leftJoin('own_certificates as w', 'w.domain_id', 'd.sites_domain_id')
    .whereNotNull('d.verified_at')
    .whereNotNull('f.applied_revision')
    .where('s.edge', 'caddy')
    .where((certified) => certified.whereNot('d.name', 'like', '*.%').orWhereNotNull('o.domain_id'))
    .where((due) => due.whereNull('c.look_due_at').orWhere('c.look_due_at', '<=', now))
    .orderByRaw('c.look_due_at nulls first')
    .limit(limit)
    .select(
      ...(['d.id', 'd.name', 'd.team_id', 'd.site_id', 's.server_id', 's.name as site_name'] as const),
      db.raw('coalesce(o.domain_id, w.domain_id) as own_id'),
      ...(['c.issuer', 'c.begins_at', 'c.ends_at', 'c.told_days'] as const),
    )

export const putCertificate = async (db: System, row: CertificatesRow): Promise<void> =>
  void (await db('certificates').insert(row).onConflict('domain_id').merge())

/** A domain may be gone by now. */
export const isStillThere = async (db: System, id: string): Promise<boolean> =>
  (await db('domains').select('id').where({ id }).forShare().first()) !== undefined

/** Proven names that the edge has, but wildcards; the primary one first, with what was seen of their certificates. */
export const servedNames = (
  db: System,
  siteId: string,
): Promise<(Pick<DomainsRow, 'name' | 'role'> & { ends_at: Date | null; force_https: boolean })[]> =>
  db('domains as d')
    .join('fronts as f', 'f.site_id', 'd.site_id')
    .join('sites as s', 's.id', 'd.site_id')
    .leftJoin('certificates as c', 'c.domain_id', 'd.id')
    .where({ 'd.site_id': siteId, 's.edge': 'caddy' })
    .whereNotNull('d.verified_at')
    .whereRaw('f.applied_revision = f.revision')
    .whereNot('d.name', 'like', '*.%')
    .select('d.name', 'd.role', 'c.ends_at', 'f.force_https')
    .orderByRaw("d.role <> 'primary', d.sites_domain_id is not null, d.created_at, d.id")

/** While a change is on its way to the edge, what was there before goes on. */
export const isFrontApplied = async (db: System, siteId: string): Promise<boolean> =>
  (await db('fronts').select('site_id').where({ site_id: siteId }).whereRaw('applied_revision = revision').first()) !==
  undefined

export const setServedUrl = async (db: System, siteId: string, url: string | null): Promise<void> =>
  void (await db('sites')
    .where({ id: siteId })
    .whereRaw('served_url is distinct from ?', [url])
    .update({ served_url: url }))
