import type { TransactionOf } from '../platform/db/doors.js'
import type { IdentitiesRow, SignInFlowsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

/** Who says so: one connection of a team, or a provider of the whole panel. */
export type Source = Pick<IdentitiesRow, 'provider' | 'connection_id'>

export interface KnownIdentity {
  id: string
  made_account: boolean
  user_id: string | null
}

export const maybeIdentity = (db: Identity, source: Source, subject: string): Promise<KnownIdentity | undefined> =>
  db('identities')
    .select('id', 'user_id', 'made_account')
    .where({ provider: source.provider, subject })
    .whereRaw('connection_id is not distinct from ?', [source.connection_id])
    .first()

export const isLinked = async (db: Identity, source: Source, userId: string): Promise<boolean> =>
  (await db('identities')
    .select('id')
    .where({ provider: source.provider, user_id: userId })
    .whereRaw('connection_id is not distinct from ?', [source.connection_id])
    .first()) !== undefined

export const lockNewcomer = async (db: Identity, name: string): Promise<void> =>
  void (await db.raw('select pg_advisory_xact_lock(hashtextextended(?, 130))', [name]))

/** Returns false when that identity is somebody's already. */
export const claimIdentity = async (db: Identity, row: IdentitiesRow): Promise<boolean> =>
  (await db('identities').insert(row).onConflict().ignore().returning('id')).length === 1

/** Of somebody who is gone. */
export const deleteOrphan = (db: Identity, source: Source, subject: string): Promise<number> =>
  db('identities')
    .where({ provider: source.provider, subject })
    .whereNull('connection_id')
    .whereNull('user_id')
    .delete()

export const markUsed = (db: Identity, id: string, email: string | null, now: Date): Promise<number> =>
  db('identities').update({ last_used_at: now, email }).where({ id })

export interface ListedIdentity extends Omit<IdentitiesRow, 'user_id' | 'subject' | 'made_account'> {
  connection_name: string | null
  team_name: string | null
}

/** `connection`: only that one; null for all. */
export const identitiesOf = (db: Identity, userId: string, connection: string | null): Promise<ListedIdentity[]> =>
  db('identities as identity')
    .leftJoin('sign_in_connections as connection', 'connection.id', 'identity.connection_id')
    .leftJoin('teams as team', 'team.id', 'connection.team_id')
    .where('identity.user_id', userId)
    .where(connection === null ? {} : { 'identity.connection_id': connection })
    .select(
      'identity.id',
      'identity.provider',
      'identity.connection_id',
      'identity.email',
      'identity.created_at',
      'identity.last_used_at',
      'connection.name as connection_name',
      'team.name as team_name',
    )
    .orderBy('identity.created_at')
    .orderBy('identity.id')

export const deleteIdentity = async (db: Identity, userId: string, id: string): Promise<Source | undefined> => {
  const [gone] = await db('identities').where({ id, user_id: userId }).delete().returning(['provider', 'connection_id'])
  return gone
}

export const insertFlow = async (db: Identity, row: SignInFlowsRow): Promise<void> =>
  void (await db('sign_in_flows').insert(row))

export const deleteFlowsBefore = (db: Identity, now: Date): Promise<number> =>
  db('sign_in_flows').where('expires_at', '<=', now).delete()

/** A flow that somebody is still expected back from, without what its browser knows. */
export const isOpenFlow = async (db: Identity, source: Source, hash: Buffer, now: Date): Promise<boolean> =>
  (await openFlows(db, source, hash, now).select('hash').first()) !== undefined

/** What the other side proved, for the browser to come and get. Of many at once one is kept. */
export const keepProof = async (
  db: Identity,
  source: Source,
  hash: Buffer,
  proof: unknown,
  now: Date,
): Promise<boolean> => (await openFlows(db, source, hash, now).update({ proof: JSON.stringify(proof) })) === 1

const openFlows = (db: Identity, source: Source, hash: Buffer, now: Date) =>
  db('sign_in_flows')
    .where({ hash, provider: source.provider })
    .whereRaw('connection_id is not distinct from ?', [source.connection_id])
    .where('expires_at', '>', now)
    .whereNull('proof')

export type Way = Source & { hash: Buffer; browser_hash: Buffer }

/** Of many who come back at once one has it; only the browser that left, and only from where it was sent. */
export const claimFlow = async (db: Identity, way: Way, now: Date): Promise<SignInFlowsRow | undefined> => {
  const [flow] = await db('sign_in_flows')
    .where({ hash: way.hash, browser_hash: way.browser_hash, provider: way.provider })
    .whereRaw('connection_id is not distinct from ?', [way.connection_id])
    .where('expires_at', '>', now)
    .delete()
    .returning('*')
  return flow
}
