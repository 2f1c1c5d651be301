import type { TransactionOf } from '../platform/db/doors.js'
import type { SetupRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

export const maybeSetup = (db: Identity): Promise<SetupRow | undefined> =>
  db('setup').select('only_row', 'token_hash', 'made_at', 'used_at').first()

/** The newest token is the only one. Returns false when setup is done. */
export const replaceToken = async (db: Identity, tokenHash: Buffer, now: Date): Promise<boolean> =>
  (
    await db('setup')
      .insert({ token_hash: tokenHash, made_at: now })
      .onConflict('only_row')
      .merge({ token_hash: tokenHash, made_at: now })
      .whereNull('setup.used_at')
      .returning('only_row')
  ).length === 1

/** Uses the token up. Of many at once exactly one is told that it did. */
export const claimSetup = async (db: Identity, tokenHash: Buffer, now: Date): Promise<boolean> =>
  (await db('setup').update({ used_at: now }).where({ token_hash: tokenHash }).whereNull('used_at')) === 1
