import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainClaimsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>
type System = TransactionOf<'system'>

/** Returns false when the team has it already. */
export const insertClaim = async ({ db }: TeamTx, row: DomainClaimsRow): Promise<boolean> =>
  (await db('domain_claims').insert(row).onConflict(['team_id', 'name']).ignore().returning('id')).length === 1

export const claimsOf = ({ db }: TeamTx): Promise<DomainClaimsRow[]> => db('domain_claims').select('*').orderBy('name')

export const maybeClaim = ({ db }: TeamTx, id: string): Promise<DomainClaimsRow | undefined> =>
  db('domain_claims').select('*').where({ id }).first()

export const deleteClaim = async ({ db }: TeamTx, id: string): Promise<DomainClaimsRow | undefined> => {
  const [gone] = await db('domain_claims').where({ id }).delete().returning('*')
  return gone
}

/** The team that has proven it. */
export const teamOf = async (db: Identity, name: string): Promise<string | undefined> =>
  (await db('domain_claims').select('team_id').where({ name }).whereNotNull('proven_at').first())?.team_id

export const dueClaims = (db: System, now: Date, limit: number): Promise<DomainClaimsRow[]> =>
  db('domain_claims').select('*').where('check_due_at', '<=', now).orderBy('check_due_at').limit(limit)

export const holderOf = (db: System, { id, name }: DomainClaimsRow): Promise<DomainClaimsRow | undefined> =>
  db('domain_claims').select('*').where({ name }).whereNotNull('proven_at').whereNot({ id }).first()

/** Whose a domain is is decided by one at a time. */
export const lockName = async (db: System, name: string): Promise<void> =>
  void (await db.raw('select pg_advisory_xact_lock(hashtextextended(?, 169))', [name]))

/** Only as it was looked at: of two looks at once the later one finds it changed. Returns whether it was. */
export const updateClaim = async (
  db: System,
  before: DomainClaimsRow,
  changes: Partial<Pick<DomainClaimsRow, 'proven_at' | 'missing_since' | 'fault' | 'checked_at' | 'check_due_at'>>,
): Promise<boolean> =>
  (await db('domain_claims')
    .update(changes)
    .where({ id: before.id })
    .whereRaw('proven_at is not distinct from ?', [before.proven_at])) === 1
