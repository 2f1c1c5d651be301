import type { TeamTx } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import type {
  GithubAppStartsRow,
  GithubAppsRow,
  GithubInstallationsRow,
  GithubRepositoriesRow,
} from '../../platform/db/tables.js'

type System = TransactionOf<'system'>

const apps = (tx: TeamTx) => tx.db('github_apps').where({ team_id: tx.ctx.team.id })
const starts = (tx: TeamTx) => tx.db('github_app_starts').where({ team_id: tx.ctx.team.id })
const installations = (tx: TeamTx) => tx.db('github_installations').where({ team_id: tx.ctx.team.id })
const tokens = (tx: TeamTx) => tx.db('github_tokens').where({ team_id: tx.ctx.team.id })

export type App = Omit<GithubAppsRow, 'webhook_secret_sealed' | 'client_secret_sealed'>

const appColumns = [
  ...(['id', 'team_id', 'host', 'web_url', 'api_url', 'app_id', 'name', 'page_url', 'owner'] as const),
  ...(['private_key_sealed', 'created_by', 'created_at', 'last_delivery_at'] as const),
] as const

export const appsOf = (tx: TeamTx): Promise<App[]> =>
  apps(tx)
    .select(...appColumns)
    .orderBy('name')

export const maybeApp = (tx: TeamTx, id: string): Promise<App | undefined> =>
  apps(tx)
    .select(...appColumns)
    .where({ id })
    .first()

/** False when that app is connected already, here or in another team. */
export const insertApp = async (tx: TeamTx, row: Omit<GithubAppsRow, 'last_delivery_at'>): Promise<boolean> =>
  (await tx.db('github_apps').insert(row).onConflict(['host', 'app_id']).ignore().returning('id')).length === 1

export const deleteApp = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await apps(tx).where({ id }).delete()) === 1

export const insertStart = async (tx: TeamTx, row: Omit<GithubAppStartsRow, 'used_at'>): Promise<void> =>
  void (await tx.db('github_app_starts').insert(row))

export const deleteStartsBefore = async (tx: TeamTx, before: Date): Promise<void> =>
  void (await starts(tx).where('expires_at', '<', before).delete())

/** Used once, by the browser that began, before it expires; undefined for any other. */
export const claimStart = async (
  tx: TeamTx,
  of: { hash: Buffer; session_hash: Buffer; isInstall: boolean },
): Promise<Pick<GithubAppStartsRow, 'github_app_id' | 'web_url'> | undefined> =>
  (
    await starts(tx)
      .where({ hash: of.hash, session_hash: of.session_hash })
      .whereNull('used_at')
      .where('expires_at', '>', tx.ctx.now())
      .whereRaw(of.isInstall ? 'github_app_id is not null' : 'github_app_id is null')
      .update({ used_at: tx.ctx.now() })
      .returning(['github_app_id', 'web_url'])
  )[0]

export const giveBackStart = async (tx: TeamTx, hash: Buffer): Promise<void> =>
  void (await starts(tx).where({ hash }).update({ used_at: null }))

export type ShownInstallation = GithubInstallationsRow & { repositories: number }

export const installationsOf = (tx: TeamTx, appId: string): Promise<ShownInstallation[]> =>
  installations(tx)
    .where({ github_app_id: appId })
    .select('*')
    .select<ShownInstallation[]>(
      tx.db.raw(
        '(select count(*)::int from github_repositories r where r.installation_id = github_installations.id) as repositories',
      ),
    )
    .orderBy('account')

export const maybeInstallation = (tx: TeamTx, id: string): Promise<GithubInstallationsRow | undefined> =>
  installations(tx).select('*').where({ id }).first()

/** Locked to the end of the transaction: two that write down what is in it follow each other. */
export const lockInstallation = (tx: TeamTx, id: string): Promise<GithubInstallationsRow | undefined> =>
  installations(tx).select('*').where({ id }).forUpdate().first()

export const maybeInstallationNumbered = (
  tx: TeamTx,
  appId: string,
  number: string,
): Promise<GithubInstallationsRow | undefined> =>
  installations(tx).select('*').where({ github_app_id: appId, installation_id: number }).first()

/** False when it is there already. */
export const insertInstallation = async (
  tx: TeamTx,
  row: Pick<
    GithubInstallationsRow,
    | 'id'
    | 'team_id'
    | 'github_app_id'
    | 'installation_id'
    | 'account'
    | 'selection'
    | 'suspended_at'
    | 'created_at'
    | 'refresh_at'
  >,
): Promise<boolean> =>
  (await tx.db('github_installations').insert(row).onConflict().ignore().returning('id')).length === 1

export const updateInstallation = async (
  tx: TeamTx,
  id: string,
  change: Partial<Omit<GithubInstallationsRow, 'id' | 'team_id' | 'github_app_id' | 'installation_id' | 'created_at'>>,
): Promise<void> => void (await installations(tx).where({ id }).update(change))

export const deleteInstallation = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await installations(tx).where({ id }).delete()) === 1

/** Those that are due, taken: whoever takes them next finds them later. */
export function takeDueInstallations(
  db: System,
  now: Date,
  nextAt: Date,
  limit: number,
): Promise<Pick<GithubInstallationsRow, 'id' | 'team_id'>[]> {
  const due = db('github_installations')
    .select('id')
    .where('refresh_at', '<=', now)
    .orderBy('refresh_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
  return db('github_installations').whereIn('id', due).update({ refresh_at: nextAt }).returning(['id', 'team_id'])
}

const repositories = (tx: TeamTx) => tx.db('github_repositories').where('github_repositories.team_id', tx.ctx.team.id)

export const repositoriesOf = (tx: TeamTx, installationId: string): Promise<GithubRepositoriesRow[]> =>
  repositories(tx).select('*').where({ installation_id: installationId })

/** Put in place of all that were known of it. */
export async function putRepositories(
  tx: TeamTx,
  installationId: string,
  rows: readonly GithubRepositoriesRow[],
): Promise<void> {
  await repositories(tx).where({ installation_id: installationId }).delete()
  for (let first = 0; first < rows.length; first += 1000)
    await tx.db('github_repositories').insert(rows.slice(first, first + 1000))
}

export interface KnownToken {
  readonly token_sealed: string | null
  readonly expires_at: Date | null
}

export const maybeToken = (tx: TeamTx, installationId: string, scope: string): Promise<KnownToken | undefined> =>
  tokens(tx).select('token_sealed', 'expires_at').where({ installation_id: installationId, scope }).first()

/** Whether we are the one who asks GitHub for the next; false while somebody else does, and where one is good so long. */
export async function claimToken(
  tx: TeamTx,
  { installationId, scope, goodUntil }: { installationId: string; scope: string; goodUntil: Date },
  until: Date,
): Promise<boolean> {
  const row = { installation_id: installationId, team_id: tx.ctx.team.id, scope, claimed_until: until }
  const claimed = await tx
    .db('github_tokens')
    .insert(row)
    .onConflict(['installation_id', 'scope'])
    .merge(['claimed_until'])
    .whereRaw('(github_tokens.claimed_until is null or github_tokens.claimed_until <= ?)', [tx.ctx.now()])
    .whereRaw('(github_tokens.expires_at is null or github_tokens.expires_at < ?)', [goodUntil])
    .returning('scope')
  return claimed.length === 1
}

export const putToken = async (
  tx: TeamTx,
  installationId: string,
  scope: string,
  token: { token_sealed: string | null; expires_at: Date | null },
): Promise<void> =>
  void (await tokens(tx)
    .where({ installation_id: installationId, scope })
    .update({ ...token, claimed_until: null }))

export const dropTokens = async (tx: TeamTx, installationId: string): Promise<void> =>
  void (await tokens(tx).where({ installation_id: installationId }).delete())
export type KnownApp = Pick<GithubAppsRow, 'id' | 'team_id' | 'host' | 'page_url' | 'webhook_secret_sealed'>

const knownApp = ['id', 'team_id', 'host', 'page_url', 'webhook_secret_sealed'] as const

/** Of every team: whose a delivery is, its signature tells. */
export const appsNumbered = (
  db: System,
  appIds: readonly string[],
  limit: number,
): Promise<(KnownApp & { app_id: string })[]> =>
  db('github_apps')
    .select(...knownApp, 'app_id')
    .whereIn('app_id', [...appIds])
    .orderBy('created_at')
    .limit(limit)

export const appsInstalledAs = (
  db: System,
  numbers: readonly string[],
  limit: number,
): Promise<(KnownApp & { number: string })[]> =>
  db('github_apps')
    .join('github_installations as i', 'i.github_app_id', 'github_apps.id')
    .select<(KnownApp & { number: string })[]>(
      ...knownApp.map((column) => `github_apps.${column}`),
      'i.installation_id as number',
    )
    .whereIn('i.installation_id', [...numbers])
    .orderBy('github_apps.created_at')
    .limit(limit)

export const markAppsDelivered = async (db: System, ids: readonly string[], now: Date): Promise<void> =>
  void (
    ids.length > 0 &&
    (await db('github_apps')
      .whereIn('id', [...ids])
      .update({ last_delivery_at: now }))
  )
export interface ReachedRepository {
  readonly installation_id: string
  readonly remote_id: string
  readonly repository_key: string
  readonly full_name: string
  readonly web_url: string
}

/** Of these, the one that an installation of that app reaches. */
export const maybeReachedBy = async (
  tx: TeamTx,
  appId: string,
  repositoryKeys: readonly string[],
): Promise<string | undefined> =>
  (
    await repositories(tx)
      .join('github_installations as i', 'i.id', 'github_repositories.installation_id')
      .where({ 'i.github_app_id': appId })
      .whereNull('i.suspended_at')
      .whereIn('repository_key', [...repositoryKeys])
      .first('repository_key')
  )?.repository_key

/** In an installation that is not suspended. */
export const maybeReached = (tx: TeamTx, repositoryKey: string): Promise<ReachedRepository | undefined> =>
  repositories(tx)
    .join('github_installations as i', 'i.id', 'github_repositories.installation_id')
    .join('github_apps as a', 'a.id', 'i.github_app_id')
    .where({ repository_key: repositoryKey })
    .whereNull('i.suspended_at')
    .select<ReachedRepository[]>(
      ...(['github_repositories.installation_id', 'remote_id', 'repository_key', 'full_name', 'a.web_url'] as const),
    )
    .orderBy('i.created_at')
    .first()

export type PickedRepository = Pick<
  GithubRepositoriesRow,
  'remote_id' | 'repository_key' | 'full_name' | 'is_private' | 'default_branch'
> & { web_url: string; app_name: string }

/** By name; `search` is any part of it. */
export const repositoriesPage = (
  tx: TeamTx,
  filter: { search: string | null; offset: number; limit: number },
): Promise<PickedRepository[]> =>
  repositories(tx)
    .join('github_installations as i', 'i.id', 'github_repositories.installation_id')
    .join('github_apps as a', 'a.id', 'i.github_app_id')
    .whereNull('i.suspended_at')
    .modify((query) => {
      if (filter.search) query.whereILike('full_name', `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`)
    })
    .distinctOn('full_name', 'repository_key')
    .select<PickedRepository[]>(
      ...(['remote_id', 'repository_key', 'full_name', 'is_private', 'default_branch'] as const),
      ...['a.web_url', 'a.name as app_name'],
    )
    .orderBy(['full_name', 'repository_key', 'i.created_at'])
    .offset(filter.offset)
    .limit(filter.limit)

/** What a person should know of who looks for a repository and does not find it. */
export const unwellInstallations = (
  tx: TeamTx,
): Promise<Pick<GithubInstallationsRow, 'account' | 'refresh_fault' | 'refreshed_at' | 'suspended_at'>[]> =>
  installations(tx)
    .select('account', 'refresh_fault', 'refreshed_at', 'suspended_at')
    .where((either) => either.whereNotNull('refresh_fault').orWhereNotNull('suspended_at'))
    .orderBy('account')
    .limit(5)

export const countInstallations = async (tx: TeamTx): Promise<number> =>
  Number((await installations(tx).count('id as count').first())?.count ?? 0)
