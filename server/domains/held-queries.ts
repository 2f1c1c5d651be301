import type { Knex } from 'knex'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

/** Names over all teams, which no team may see: through the system's door. */
type System = TransactionOf<'system'>

/** Until the end of the transaction nobody else decides about a name with that parent, so about none that could overlap. */
export const lockNames = async (db: System, parent: string): Promise<void> =>
  void (await db.raw("select pg_advisory_xact_lock(hashtextextended('domain ' || ?, 0))", [parent]))

type Named = Pick<DomainsRow, 'team_id' | 'name' | 'parent'>

/** Proven by another team: this name, a wildcard that it falls under, or one that would fall under this wildcard. */
const heldByOthers = (db: System, { team_id, name, parent }: Named) =>
  db('domains as d')
    .whereNotNull('d.verified_at')
    .where('d.parent', parent)
    .whereNot('d.team_id', team_id)
    .where(name.startsWith('*.') ? db.raw('true') : db.raw('(d.name = ? or d.name = ?)', [name, `*.${parent}`]))

/** Of the same team: what has the same proof, what covers it, and what it would cover. */
export const ownOverlapping = (
  db: System,
  teamId: string,
  name: string,
  parent: string,
): Promise<Pick<DomainsRow, 'site_id' | 'server_id'>[]> =>
  db.rows(
    `select site_id, server_id from domains where team_id = $1 and sites_domain_id is null
       and (name in ($2, '*.' || $2, '*.' || $3, case when $2 like '*.%' then $3 end) or ($2 like '*.%' and parent = $3))`,
    [teamId, name, parent],
  )

export const isHeldByOthers = async (db: System, named: Named): Promise<boolean> =>
  (await heldByOthers(db, named).select('d.id').first()) !== undefined

/** Without those that a sites domain gives: they go with it, and it is always among the others. */
export const holdersOf = (db: System, named: Named): Promise<DueDomain[]> =>
  withServers(db, heldByOthers(db, named).whereNull('d.sites_domain_id').orderBy('d.id'))

/** The one that is held under exactly this name. */
export const maybeHeld = (db: System, name: string): Promise<DomainsRow | undefined> =>
  db('domains').select('*').where({ name }).whereNotNull('verified_at').first()

/** It is nobody's again, with all that it gave; the edges have to hear of it. */
export async function free(db: System, { id }: Pick<DomainsRow, 'id'>, change: Freed): Promise<void> {
  // First, so that who is just giving a name by it has done so before those are taken away.
  await db('domains')
    .where({ id })
    .update({ verified_at: null, verified_by: null, check_requested_at: null, ...change })
  const shown = db('domains').select('site_id').where({ id }).orWhere({ sites_domain_id: id })
  await db('fronts')
    .whereIn('site_id', shown)
    .update({ revision: db.raw('revision + 1') })
  await db('certificates').where({ domain_id: id }).delete()
  await db('domains').where({ sites_domain_id: id }).delete()
}

interface Freed {
  findings: string
  check_due_at: Date
}

/** False when it was removed or verified meanwhile. */
export const markVerified = async (
  db: System,
  id: string,
  by: NonNullable<DomainsRow['verified_by']>,
  now: Date,
): Promise<boolean> =>
  (await db('domains').where({ id }).whereNull('verified_at').update({ verified_at: now, verified_by: by })) === 1

/** The edge has to hear of it. */
export const touchFrontOf = async (db: System, siteId: string): Promise<void> =>
  void (await db('fronts')
    .where({ site_id: siteId })
    .update({ revision: db.raw('revision + 1') }))

/** A domain that is to be looked at, with where its visitors should come to. */
export type DueDomain = DomainsRow & {
  server_name: string
  server_kind: ServersRow['kind']
  server_address: string | null
  /** Null for the sites domain of a server. */
  edge: SitesRow['edge'] | null
  /** Whether its certificate is obtained by DNS. */
  is_by_dns: boolean
}

/**
 * Takes some of them; nobody else does before `until`, also when we are killed meanwhile. The first of each team come first, so that many
 * names on slow name servers hold up nobody else's.
 */
export async function takeDue(db: System, now: Date, until: Date, limit: number): Promise<DueDomain[]> {
  await db.raw("select pg_advisory_xact_lock(hashtextextended('check-domains', 0))")
  const due = db('domains')
    .select('id')
    .where('check_due_at', '<=', now)
    .orderByRaw('row_number() over (partition by team_id order by check_due_at), check_due_at')
    .limit(limit)
  const taken = await db('domains').whereIn('id', due).update({ check_due_at: until }).returning('id')
  return withServers(
    db,
    db('domains as d').whereIn(
      'd.id',
      taken.map(({ id }) => id),
    ),
  )
}

const withServers = (db: System, domains: Knex.QueryBuilder): Promise<DueDomain[]> =>
  domains
    .leftJoin('sites as s', 's.id', 'd.site_id')
    .leftJoin('dns_challenges as c', 'c.domain_id', 'd.id')
    .joinRaw('join servers as h on h.id = coalesce(s.server_id, d.server_id)')
    .select<DueDomain[]>(
      'd.*',
      ...['s.edge', 'h.name as server_name', 'h.kind as server_kind', 'h.address as server_address'],
      db.raw('c.domain_id is not null as is_by_dns'),
    )

/** Not where it was lost or proven meanwhile: what was written of that is newer. */
export const recordCheck = async (
  db: System,
  { id, verified_at }: Pick<DomainsRow, 'id' | 'verified_at'>,
  seen: { checked_at: Date; check_due_at: Date; findings: string; server_addresses: string },
): Promise<void> =>
  void (await db('domains')
    .where({ id })
    .whereRaw('(verified_at is not null) = ?', [verified_at !== null])
    .update(seen))
