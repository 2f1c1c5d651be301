import type { TransactionOf } from '../platform/db/doors.js'
import type { SignUpsRow } from '../platform/db/tables.js'
import type { SignUpMode } from './rules.js'

type Identity = TransactionOf<'identity'>

export const findMode = async (db: Identity): Promise<SignUpMode> =>
  // `as`: the column's check names the same words.
  ((await db('panel_settings').select('sign_up').first())?.sign_up ?? 'closed') as SignUpMode

export const updateMode = (db: Identity, mode: SignUpMode): Promise<number> =>
  db('panel_settings').update({ sign_up: mode }).whereNot({ sign_up: mode })

/** The newest link of an address is the only one. */
export const replaceSignUp = async (db: Identity, row: SignUpsRow): Promise<void> =>
  void (await db('sign_ups').insert(row).onConflict('email').merge())

export const maybeEmail = async (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<string | undefined> =>
  (await db('sign_ups').select('email').where({ token_hash: tokenHash }).where('made_at', '>', madeAfter).first())
    ?.email

/** Uses the link up. Of many at once exactly one is told that it did. */
export const claimSignUp = async (db: Identity, tokenHash: Buffer, madeAfter: Date): Promise<string | undefined> => {
  const [row] = await db('sign_ups')
    .where({ token_hash: tokenHash })
    .where('made_at', '>', madeAfter)
    .delete()
    .returning('email')
  return row?.email
}

export const deleteMadeBefore = (db: Identity, before: Date): Promise<number> =>
  db('sign_ups').where('made_at', '<=', before).delete()
