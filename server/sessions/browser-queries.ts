import type { TransactionOf } from '../platform/db/doors.js'
import type { KnownBrowsersRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

/** False when it is new. */
export const markBrowserSeen = async (db: Identity, userId: string, idHash: Buffer, now: Date): Promise<boolean> =>
  (await db('known_browsers').where({ user_id: userId, id_hash: idHash }).update({ last_seen_at: now })) === 1

export const insertBrowser = async (db: Identity, row: KnownBrowsersRow): Promise<void> =>
  void (await db('known_browsers').insert(row).onConflict().ignore())

/** When each of a person's was seen first, the newest first. */
export const browsersOf = (db: Identity, userId: string, limit: number): Promise<{ first_seen_at: Date }[]> =>
  db('known_browsers').select('first_seen_at').where({ user_id: userId }).orderBy('first_seen_at', 'desc').limit(limit)

/** One that its person is to be told of, taken by who tells. */
export async function takeUntold(db: Identity, now: Date): Promise<KnownBrowsersRow | undefined> {
  const oldest = db('known_browsers')
    .select('user_id', 'id_hash')
    .whereNull('told_at')
    .orderBy('first_seen_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  const [row] = await db('known_browsers')
    .whereIn(['user_id', 'id_hash'], oldest)
    .update({ told_at: now })
    .returning('*')
  return row
}

/** All but the one that is given, if any. */
export const deleteBrowsersOf = (db: Identity, userId: string, kept: Buffer | null): Promise<number> =>
  db('known_browsers').where({ user_id: userId }).whereRaw('id_hash is distinct from ?', [kept]).delete()

export const deleteBrowsersNotSeenSince = (db: Identity, before: Date): Promise<number> =>
  db('known_browsers').where('last_seen_at', '<', before).delete()

export const isBrowserOf = async (db: Identity, email: string, idHash: Buffer): Promise<boolean> =>
  (await db('known_browsers as browser')
    .join('users as person', 'person.id', 'browser.user_id')
    .whereRaw('lower(person.email) = ?', [email])
    .where('browser.id_hash', idHash)
    .first('browser.user_id')) !== undefined
