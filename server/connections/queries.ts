import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { RepositoryConnectionsRow } from '../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('repository_connections').where({ team_id: tx.ctx.team.id })

const shown = [
  ...(['id', 'host', 'repository_key', 'created_by', 'created_at', 'last_delivery_at'] as const),
  // Whether there is a token, and never the token.
  ...(['token_by', 'token_at', 'api_url', 'statuses_fault', 'statuses_fault_at', 'statuses_sent_at'] as const),
] as const

export type Connection = Pick<RepositoryConnectionsRow, (typeof shown)[number]>

export const connectionsOf = (tx: TeamTx): Promise<Connection[]> =>
  ofTeam(tx)
    .select(...shown)
    .orderBy('repository_key')

export const maybeConnection = (tx: TeamTx, id: string): Promise<Connection | undefined> =>
  ofTeam(tx)
    .select(...shown)
    .where({ id })
    .first()

export const maybeTokenOf = async (tx: TeamTx, id: string): Promise<string | null | undefined> =>
  (await ofTeam(tx).select('token_sealed').where({ id }).first())?.token_sealed

export const connectionsTo = (tx: TeamTx, repositoryKey: string): Promise<Connection[]> =>
  ofTeam(tx)
    .select(...shown)
    .where({ repository_key: repositoryKey })
    .orderBy('created_at')

type NewConnection = Pick<
  RepositoryConnectionsRow,
  'id' | 'team_id' | 'host' | 'repository_key' | 'secret_sealed' | 'created_by' | 'created_at'
>

/** False when the team has one to that repository already. */
export const insertConnection = async (tx: TeamTx, row: NewConnection) =>
  (await tx.db('repository_connections').insert(row).onConflict().ignore().returning('id')).length === 1

export const updateSecret = async (tx: TeamTx, id: string, secretSealed: string): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).update({ secret_sealed: secretSealed })) === 1

/** What was wrong with the one before is not wrong with this one. */
export const updateToken = async (
  tx: TeamTx,
  id: string,
  change: Pick<RepositoryConnectionsRow, 'token_sealed' | 'token_by' | 'token_at' | 'api_url'>,
): Promise<boolean> =>
  (await ofTeam(tx)
    .where({ id })
    .update({ ...change, statuses_fault: null, statuses_fault_at: null, statuses_fault_kind: null })) === 1

/** What waits is tried with the new token at once. */
export const sendStatusesAgain = async (tx: TeamTx, id: string, now: Date): Promise<void> =>
  void (await tx
    .db('commit_statuses')
    .where({ connection_id: id, team_id: tx.ctx.team.id })
    .whereNull('outcome')
    .update({ attempt_at: now }))

export const deleteConnection = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).delete()) === 1

export type KnownConnection = Pick<
  RepositoryConnectionsRow,
  'id' | 'team_id' | 'host' | 'repository_key' | 'secret_sealed'
>

/** Of every team: whose a delivery is, its signature tells. */
export const connectionsNamed = (
  db: TransactionOf<'system'>,
  hosts: readonly RepositoryConnectionsRow['host'][],
  repositoryKeys: readonly string[],
  limit: number,
): Promise<KnownConnection[]> =>
  db('repository_connections')
    .select('id', 'team_id', 'host', 'repository_key', 'secret_sealed')
    .whereIn('host', [...hosts])
    .whereIn('repository_key', [...repositoryKeys])
    .orderBy('created_at')
    .limit(limit)

export const markDelivered = async (db: TransactionOf<'system'>, ids: readonly string[], now: Date): Promise<void> =>
  void (
    ids.length > 0 &&
    (await db('repository_connections')
      .whereIn('id', [...ids])
      .update({ last_delivery_at: now }))
  )
