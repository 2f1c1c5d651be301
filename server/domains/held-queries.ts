import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainsRow } from '../platform/db/tables.js'

/** Names over all teams, which no team may see: through the system's door. */
type System = TransactionOf<'system'>

/** Until the end of the transaction nobody else decides about a name with that parent, so about none that could overlap. */
export const lockNames = async (db: System, parent: string): Promise<void> =>
  void (await db.raw("select pg_advisory_xact_lock(hashtextextended('domain ' || ?, 0))", [parent]))

/** Proven by another team: this name, a wildcard that it falls under, or one that would fall under this wildcard. */
export async function isHeldByOthers(
  db: System,
  { team_id, name, parent }: Pick<DomainsRow, 'team_id' | 'name' | 'parent'>,
): Promise<boolean> {
  const overlapping = name.startsWith('*.') ? db.raw('true') : db.raw('(name = ? or name = ?)', [name, `*.${parent}`])
  const found = await db('domains')
    .select('id')
    .whereNotNull('verified_at')
    .where({ parent })
    .whereNot({ team_id })
    .where(overlapping)
    .first()
  return found !== undefined
}

export const maybeDomainById = (db: System, id: string): Promise<DomainsRow | undefined> =>
  db('domains').select('*').where({ id }).first()

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
