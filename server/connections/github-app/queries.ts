import type { TeamTx } from '../../platform/access/ctx.js'
import type { TransactionOf } from '../../platform/db/doors.js'
import type { GithubAppsRow, GithubInstallationsRow } from '../../platform/db/tables.js'

type System = TransactionOf<'system'>

const apps = (tx: TeamTx) => tx.db('github_apps').where({ team_id: tx.ctx.team.id })
const installations = (tx: TeamTx) => tx.db('github_installations').where({ team_id: tx.ctx.team.id })

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
