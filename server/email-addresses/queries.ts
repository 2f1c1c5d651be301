import type { TransactionOf } from '../platform/db/doors.js'
import type { EmailConfirmationsRow, EmailUndosRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

/** The newest link of a person is the only one. */
export const replaceConfirmation = async (db: Identity, row: EmailConfirmationsRow): Promise<void> =>
  void (await db('email_confirmations').insert(row).onConflict('user_id').merge())

/** By its link, or by whose it is. */
export const maybeConfirmation = (
  db: Identity,
  of: Pick<EmailConfirmationsRow, 'token_hash'> | Pick<EmailConfirmationsRow, 'user_id'>,
  madeAfter: Date,
): Promise<EmailConfirmationsRow | undefined> =>
  db('email_confirmations')
    .select('user_id', 'email', 'token_hash', 'bound_to', 'made_at')
    .where(of)
    .where('made_at', '>', madeAfter)
    .first()

/** Uses the link up. Of many at once exactly one is told that it did. */
export const claimConfirmation = async (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<boolean> =>
  (await db('email_confirmations').where({ token_hash: tokenHash }).where('made_at', '>', madeAfter).delete()) === 1

export const deleteConfirmationOf = (db: Identity, userId: string): Promise<number> =>
  db('email_confirmations').where({ user_id: userId }).delete()

export const insertUndo = async (db: Identity, row: EmailUndosRow): Promise<void> =>
  void (await db('email_undos').insert(row))

export const maybeUndo = (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<EmailUndosRow | undefined> =>
  db('email_undos')
    .select('token_hash', 'user_id', 'email', 'made_at')
    .where({ token_hash: tokenHash })
    .where('made_at', '>', madeAfter)
    .first()

/** Uses the link up, and those of all changes after it: whoever made them was not the owner. */
export const claimUndo = async (db: Identity, { user_id, token_hash, made_at }: EmailUndosRow): Promise<boolean> => {
  if ((await db('email_undos').where({ token_hash }).delete()) === 0) return false
  await db('email_undos').where({ user_id }).where('made_at', '>=', made_at).delete()
  return true
}

export const deleteUndosBefore = (db: Identity, madeBefore: Date): Promise<number> =>
  db('email_undos').where('made_at', '<=', madeBefore).delete()
