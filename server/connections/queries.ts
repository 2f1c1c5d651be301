import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { GithubAppsRow, GithubRepositoriesRow, RepositoryConnectionsRow } from '../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('repository_connections').where({ team_id: tx.ctx.team.id })

const shown = [
  ...([
    'id',
    'host',
    'repository_key',
    'web_origin',
    'created_by',
    'created_at',
    'last_delivery_at',
    'installation_id',
    'has_signing_token',
  ] as const),
  // Whether there is a token, and never the token.
  ...([
    'token_by',
    'token_at',
    'offers_repositories',
    'api_url',
    'statuses_fault',
    'statuses_fault_at',
    'statuses_sent_at',
  ] as const),
] as const

export type Connection = Pick<RepositoryConnectionsRow, (typeof shown)[number]> & {
  /** Whether it has a webhook of its own, which signs with a secret of ours. */
  has_secret: boolean
  /** Of the app that it is connected through. */
  github_app_id: string | null
}

const shownOf = (tx: TeamTx) =>
  ofTeam(tx).select<Connection[]>(
    ...shown,
    tx.db.raw('secret_sealed is not null as has_secret'),
    tx.db.raw(
      '(select github_app_id from github_installations i where i.id = repository_connections.installation_id) as github_app_id',
    ),
  )

export const connectionsOf = (tx: TeamTx): Promise<Connection[]> => shownOf(tx).orderBy('repository_key')

export const offeringConnections = (
  tx: TeamTx,
): Promise<Pick<RepositoryConnectionsRow, 'id' | 'repository_key' | 'token_by'>[]> =>
  ofTeam(tx).select('id', 'repository_key', 'token_by').where({ offers_repositories: true }).orderBy('repository_key')

export type Offer = Pick<
  RepositoryConnectionsRow,
  'host' | 'repository_key' | 'web_origin' | 'api_url' | 'token_sealed'
>

/** The token with whether its giver offered what it reads: in one look, so that it is no other giver's. */
export const maybeOffer = (tx: TeamTx, id: string): Promise<Offer | undefined> =>
  ofTeam(tx)
    .select('host', 'repository_key', 'web_origin', 'api_url', 'token_sealed')
    .where({ id, offers_repositories: true })
    .first()

export const maybeConnection = async (tx: TeamTx, id: string): Promise<Connection | undefined> =>
  (await shownOf(tx).where({ id }))[0]

export const maybeTokenOf = async (tx: TeamTx, id: string): Promise<string | null | undefined> =>
  (await ofTeam(tx).select('token_sealed').where({ id }).first())?.token_sealed

export const connectionsTo = (tx: TeamTx, repositoryKey: string): Promise<Connection[]> =>
  shownOf(tx).where({ repository_key: repositoryKey }).orderBy('created_at')

type NewConnection = Pick<
  RepositoryConnectionsRow,
  'id' | 'team_id' | 'host' | 'repository_key' | 'web_origin' | 'secret_sealed' | 'created_by' | 'created_at'
>

/** False when the team has one to that repository already. */
export const insertConnection = async (tx: TeamTx, row: NewConnection) =>
  (await tx.db('repository_connections').insert(row).onConflict().ignore().returning('id')).length === 1

export const updateSecret = async (
  tx: TeamTx,
  id: string,
  change: { secret_sealed: string; has_signing_token: boolean },
): Promise<boolean> => (await ofTeam(tx).where({ id }).update(change)) === 1

/** What was wrong with the one before is not wrong with this one. */
export const updateToken = async (
  tx: TeamTx,
  id: string,
  change: Pick<RepositoryConnectionsRow, 'token_sealed' | 'token_by' | 'token_at' | 'api_url' | 'offers_repositories'>,
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

export type KnownConnection = Pick<RepositoryConnectionsRow, 'id' | 'team_id' | 'host' | 'repository_key'> & {
  secret_sealed: string
}

/** Of every team: whose a delivery is, its signature tells. */
export const connectionsNamed = (
  db: TransactionOf<'system'>,
  hosts: readonly RepositoryConnectionsRow['host'][],
  repositoryKeys: readonly string[],
  limit: number,
): Promise<KnownConnection[]> =>
  db('repository_connections')
    .select<KnownConnection[]>('id', 'team_id', 'host', 'repository_key', 'secret_sealed')
    .whereNotNull('secret_sealed')
    .whereIn('host', [...hosts])
    .whereIn('repository_key', [...repositoryKeys])
    .orderBy('created_at')
    .limit(limit)

/** With a token of its own before one through an app: somebody gave it for this. */
export const speakingConnections = (tx: TeamTx, repositoryKey: string): Promise<Connection[]> =>
  shownOf(tx)
    .where({ repository_key: repositoryKey })
    .where((either) => either.whereNotNull('token_sealed').orWhereNotNull('installation_id'))
    .orderByRaw('token_sealed is null, created_at')

type Unlinked = Pick<GithubRepositoriesRow, 'repository_key' | 'installation_id'> &
  Pick<GithubAppsRow, 'web_url'> & { app_name: string }

/** Repositories of sites that an installation reaches and no connection says so yet. */
export const unlinkedRepositories = (tx: TeamTx): Promise<Unlinked[]> =>
  tx
    .db('github_repositories as r')
    .join('github_installations as i', 'i.id', 'r.installation_id')
    .join('github_apps as a', 'a.id', 'i.github_app_id')
    .where('r.team_id', tx.ctx.team.id)
    .whereNull('i.suspended_at')
    .whereExists(
      tx
        .db('sites as s')
        .select(tx.db.raw('1'))
        .whereRaw('(s.team_id, s.repository_key) = (r.team_id, r.repository_key)'),
    )
    .whereNotExists(
      tx
        .db('repository_connections as c')
        .select(tx.db.raw('1'))
        .whereRaw("(c.team_id, c.host, c.repository_key) = (r.team_id, 'github', r.repository_key)")
        .whereNotNull('c.installation_id'),
    )
    .distinctOn('r.repository_key')
    .select<Unlinked[]>(...['r.repository_key', 'r.installation_id', 'a.name as app_name', 'a.web_url'])
    .orderBy(['r.repository_key', 'i.created_at'])

type LinkedConnection = Pick<
  RepositoryConnectionsRow,
  'id' | 'team_id' | 'host' | 'repository_key' | 'web_origin' | 'installation_id' | 'created_by' | 'created_at'
>

export const isConnected = async (tx: TeamTx, repositoryKey: string): Promise<boolean> =>
  (await ofTeam(tx).where({ repository_key: repositoryKey }).select('id').first()) !== undefined

/** False where there was one to that repository, which is now linked too. */
export async function linkConnection(tx: TeamTx, row: LinkedConnection): Promise<boolean> {
  const [linked] = await tx
    .db('repository_connections')
    .insert(row)
    .onConflict(['team_id', 'host', 'repository_key'])
    .merge(['installation_id'])
    .returning('id')
  return linked?.id === row.id
}

/** From installations that do not reach their repository any more, or may not work. */
export const unlinkConnections = async (tx: TeamTx): Promise<void> =>
  void (await ofTeam(tx)
    .whereNotNull('installation_id')
    .whereNotExists(
      tx
        .db('github_repositories as r')
        .join('github_installations as i', 'i.id', 'r.installation_id')
        .select(tx.db.raw('1'))
        .whereNull('i.suspended_at')
        .whereRaw('r.installation_id = repository_connections.installation_id')
        .whereRaw('r.repository_key = repository_connections.repository_key'),
    )
    .update({ installation_id: null }))

/** Those that had nothing but their link. */
export const deleteEmptyConnections = (
  tx: TeamTx,
): Promise<Pick<RepositoryConnectionsRow, 'id' | 'repository_key'>[]> =>
  ofTeam(tx)
    .whereNull('installation_id')
    .whereNull('secret_sealed')
    .whereNull('token_sealed')
    .delete()
    .returning(['id', 'repository_key'])
