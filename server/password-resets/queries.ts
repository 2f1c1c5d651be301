import type { TransactionOf } from '../platform/db/doors.js'
import type { PasswordResetsRow, ResetRequestsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

/** The newest link of a person is the only one. */
export const replaceReset = async (db: Identity, row: PasswordResetsRow): Promise<void> =>
  void (await db('password_resets').insert(row).onConflict('user_id').merge())

export const maybeReset = (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<PasswordResetsRow | undefined> =>
  db('password_resets')
    .select('user_id', 'token_hash', 'bound_to', 'made_at')
    .where({ token_hash: tokenHash })
    .where('made_at', '>', madeAfter)
    .first()

/** Uses the link up. Of many at once exactly one is told that it did. */
export const claimReset = async (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<boolean> =>
  (await db('password_resets').where({ token_hash: tokenHash }).where('made_at', '>', madeAfter).delete()) === 1

export const insertRequest = async (db: Identity, row: ResetRequestsRow): Promise<void> =>
  void (await db('reset_requests').insert(row))

/** The oldest that nobody else holds. It is gone with the transaction that answers it. */
export async function takeRequest(db: Identity): Promise<ResetRequestsRow | undefined> {
  const oldest = db('reset_requests').select('id').orderBy(['made_at', 'id']).limit(1).forUpdate().skipLocked()
  const [row] = await db('reset_requests').whereIn('id', oldest).delete().returning('*')
  return row
}
