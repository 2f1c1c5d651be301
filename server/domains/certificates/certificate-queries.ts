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
  /** Not null where Caddy obtains none for it: whose certificate it has. */
  own_id: string | null
  own_begins_at: Date | null
  own_ends_at: Date | null
}

/**
 * Takes some of the names that the edge has; nobody else does before `until`. Wildcards have a certificate only if it is their own. The
 * first of each team come first, so that many names on servers that are away hold up nobody else's.
 */
export async function takeDue(db: System, now: Date, until: Date, limit: number): Promise<DueCertificate[]> {
  await db.raw("select pg_advisory_xact_lock(hashtextextended('look-at-certificates', 0))")
  const due = await dueCertificates(db, now, limit)
  const taken = await db.raw<{ rows: { domain_id: string }[] }>(
    `insert into certificates (domain_id, team_id, look_due_at)
     select id, team_id, ? from domains where id = any(?) for key share
     on conflict (domain_id) do update set look_due_at = excluded.look_due_at
     returning domain_id`,
    [until, due.map(({ id }) => id)],
  )
  const ids = new Set(taken.rows.map(({ domain_id }) => domain_id))
  return due.filter(({ id }) => ids.has(id))
}

const dueCertificates = (db: System, now: Date, limit: number): Promise<DueCertificate[]> =>
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
    .orderByRaw(
      'row_number() over (partition by d.team_id order by c.look_due_at nulls first), c.look_due_at nulls first',
    )
    .limit(limit)
    .select(
      ...(['d.id', 'd.name', 'd.team_id', 'd.site_id', 's.server_id', 's.name as site_name'] as const),
      db.raw('coalesce(o.domain_id, w.domain_id) as own_id'),
      db.raw('coalesce(o.begins_at, w.begins_at) as own_begins_at'),
      db.raw('coalesce(o.ends_at, w.ends_at) as own_ends_at'),
    )

/** What was seen of it before; nothing where the domain is gone by now. Nobody else writes it before the end of the transaction. */
export const lockSeen = (db: System, id: string): Promise<CertificatesRow | undefined> =>
  db('certificates').select('*').where({ domain_id: id }).forUpdate().first()

export const recordLook = async (db: System, { domain_id, ...seen }: Omit<CertificatesRow, 'team_id'>): Promise<void> =>
  void (await db('certificates').where({ domain_id }).update(seen))

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
