import type { TransactionOf } from '../platform/db/doors.js'
import type { AuthenticatorAppsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

const appColumns = ['id', 'user_id', 'secret_sealed', 'last_step', 'confirmed_at', 'created_at'] as const

export const maybeApp = (db: Identity, userId: string): Promise<AuthenticatorAppsRow | undefined> =>
  db('authenticator_apps')
    .select(...appColumns)
    .where({ user_id: userId })
    .whereNotNull('confirmed_at')
    .first()

/** One whose secret was shown and that has not shown a code yet. */
export const maybeWaitingApp = (
  db: Identity,
  userId: string,
  madeAfter: Date,
): Promise<AuthenticatorAppsRow | undefined> =>
  db('authenticator_apps')
    .select(...appColumns)
    .where({ user_id: userId, confirmed_at: null })
    .where('created_at', '>', madeAfter)
    .first()

/** The one before it, which was not confirmed, ends; of several at once the last is left. */
export const replaceWaitingApp = async (db: Identity, row: AuthenticatorAppsRow): Promise<void> =>
  void (await db('authenticator_apps').insert(row).onConflict(db.raw('(user_id) where confirmed_at is null')).merge())

/** Instead of the one that the person had. False when it was confirmed or replaced by somebody faster. */
export async function confirmApp(db: Identity, app: AuthenticatorAppsRow, step: number, now: Date): Promise<boolean> {
  await db('authenticator_apps').where({ user_id: app.user_id }).whereNotNull('confirmed_at').delete()
  const changed = await db('authenticator_apps')
    .update({ confirmed_at: now, last_step: step })
    .where({ id: app.id })
    .whereNull('confirmed_at')
  return changed === 1
}

/** Returns whether there was one. */
export const deleteApp = async (db: Identity, userId: string): Promise<boolean> =>
  (await db('authenticator_apps').where({ user_id: userId }).delete()) > 0

/** A step is good once: of many at the same time exactly one claims it (MF-01). */
export const claimStep = async (db: Identity, appId: string, step: number): Promise<boolean> =>
  (await db('authenticator_apps').update({ last_step: step }).where({ id: appId }).where('last_step', '<', step)) === 1

/** All that were given before end, also those that somebody else gives just now: it is done for one at a time. */
export async function replaceCodes(db: Identity, userId: string, hashes: readonly Buffer[], now: Date): Promise<void> {
  await db('users').select('id').where({ id: userId }).forNoKeyUpdate().first()
  await deleteCodes(db, userId)
  await db('recovery_codes').insert(
    hashes.map((hash) => ({ user_id: userId, code_hash: hash, used_at: null, created_at: now })),
  )
}

export const deleteCodes = (db: Identity, userId: string): Promise<number> =>
  db('recovery_codes').where({ user_id: userId }).delete()

/** A code is good once: of many at the same time exactly one uses it (MF-04). */
export const claimCode = async (db: Identity, userId: string, hash: Buffer, now: Date): Promise<boolean> =>
  (await db('recovery_codes')
    .update({ used_at: now })
    .where({ user_id: userId, code_hash: hash })
    .whereNull('used_at')) === 1

export async function countCodes(db: Identity, userId: string): Promise<number> {
  const [row] = await db('recovery_codes').where({ user_id: userId }).whereNull('used_at').count({ count: '*' })
  return Number(row?.count ?? 0)
}
