import type { TransactionOf } from '../../platform/db/doors.js'
import type { PasskeyChallengesRow, PasskeysRow } from '../../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

const columns = [
  'id',
  'user_id',
  'credential_id',
  'public_key',
  'counter',
  'transports',
  'name',
  'signs_in',
  'created_at',
  'last_used_at',
] as const

export const passkeysOf = (db: Identity, userId: string): Promise<PasskeysRow[]> =>
  db('passkeys')
    .select(...columns)
    .where({ user_id: userId })
    .orderBy('id')

export const maybePasskey = (db: Identity, credentialId: string): Promise<PasskeysRow | undefined> =>
  db('passkeys')
    .select(...columns)
    .where({ credential_id: credentialId })
    .first()

/** False for one that is here already, whoever has it. */
export const insertPasskey = async (db: Identity, row: PasskeysRow): Promise<boolean> =>
  (await db('passkeys').insert(row).onConflict('credential_id').ignore().returning('id')).length === 1

export const markUsed = (db: Identity, id: string, counter: number, now: Date): Promise<number> =>
  db('passkeys').update({ counter, last_used_at: now }).where({ id })

export const renamePasskey = (db: Identity, userId: string, id: string, name: string): Promise<number> =>
  db('passkeys').update({ name }).where({ user_id: userId, id })

export const deletePasskey = (db: Identity, userId: string, id: string): Promise<number> =>
  db('passkeys').where({ user_id: userId, id }).delete()

export const deletePasskeysOf = (db: Identity, userId: string): Promise<number> =>
  db('passkeys').where({ user_id: userId }).delete()

/** The one before it of the same browser, for the same purpose, ends. */
export const replaceChallenge = async (db: Identity, row: PasskeyChallengesRow): Promise<void> =>
  void (await db('passkey_challenges').insert(row).onConflict(['holder', 'purpose']).merge())

/** A challenge is good once, and for whom it was made. */
export const claimChallenge = async (
  db: Identity,
  { holder, purpose, challenge }: Omit<PasskeyChallengesRow, 'expires_at'>,
  now: Date,
): Promise<boolean> =>
  (await db('passkey_challenges').where({ holder, purpose, challenge }).where('expires_at', '>', now).delete()) === 1
