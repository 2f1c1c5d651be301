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

/** Whether we are the one who asks GitHub for the next; false while somebody else does. */
export async function claimToken(tx: TeamTx, installationId: string, scope: string, until: Date): Promise<boolean> {
  const row = { installation_id: installationId, team_id: tx.ctx.team.id, scope, claimed_until: until }
  const claimed = await tx
    .db('github_tokens')
    .insert(row)
    .onConflict(['installation_id', 'scope'])
    .merge(['claimed_until'])
    .whereRaw('github_tokens.claimed_until is null or github_tokens.claimed_until <= ?', [tx.ctx.now()])
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
