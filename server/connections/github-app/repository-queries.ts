import type { TeamTx } from '../../platform/access/ctx.js'
import type { GithubInstallationsRow, GithubRepositoriesRow } from '../../platform/db/tables.js'

const installations = (tx: TeamTx) => tx.db('github_installations').where({ team_id: tx.ctx.team.id })

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
