import { repositoryKey } from '../../git/repository-key.js'
import type { RepositoryUrl } from '../../git/repository-url.js'
import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { Secret } from '../../platform/secret.js'
import * as repositoryQueries from './repository-queries.js'
import { installationToken } from './tokens.js'

const onPage = 20

/** The repositories that a site may be made of through an app, a page of them; and why some may be missing. */
export const listRepositories = (ctx: TeamCtx, { search, page }: { search: string | null; page: number }) =>
  ctx.reading(async (tx) => {
    const filter = { search, offset: (page - 1) * onPage, limit: onPage + 1 }
    const rows = await repositoryQueries.repositoriesPage(tx, filter)
    const unwell = await repositoryQueries.unwellInstallations(tx)
    return {
      repositories: rows.slice(0, onPage).map(pickedView),
      nextPage: rows.length > onPage ? page + 1 : null,
      isInstalled: await hasInstallation(tx),
      faults: unwell.map((one) => ({
        account: one.account,
        why: one.suspended_at ? 'The app is suspended there' : (one.refresh_fault ?? ''),
      })),
    }
  })

/** Whether there is anything to choose from. */
export const hasInstallation = async (tx: TeamTx): Promise<boolean> =>
  (await repositoryQueries.countInstallations(tx)) > 0

/** The one of that key, as it is cloned; null where no app reaches it. */
export async function maybePicked(tx: TeamTx, key: string): Promise<{ url: string } | null> {
  const reached = await repositoryQueries.maybeReached(tx, key)
  return reached ? { url: cloneUrl(reached) } : null
}

const pickedView = (row: repositoryQueries.PickedRepository) => ({
  key: row.repository_key,
  name: row.full_name,
  url: cloneUrl(row),
  isPrivate: row.is_private,
  defaultBranch: row.default_branch,
  seenBy: row.app_name,
})

const cloneUrl = ({ web_url, full_name }: Pick<repositoryQueries.PickedRepository, 'web_url' | 'full_name'>): string =>
  `${web_url}/${full_name}.git`

/** Whether an app lets us in at that address: the very host and port that it belongs to, and encrypted as it is. */
export const maybeEntrance = async (
  tx: TeamTx,
  url: RepositoryUrl,
): Promise<repositoryQueries.ReachedRepository | null> => {
  const reached = url.protocol === 'ssh' ? undefined : await repositoryQueries.maybeReached(tx, repositoryKey(url))
  return reached && new URL(reached.web_url).origin === new URL(url.text).origin ? reached : null
}

/** A token that reads this one repository and does nothing else; null where no app lets us in. @throws UserError */
export async function cloneTokenFor(ctx: TeamCtx, url: RepositoryUrl, signal?: AbortSignal): Promise<Secret | null> {
  const reached = await ctx.reading((tx) => maybeEntrance(tx, url))
  if (!reached) return null
  const scope = { repositoryId: reached.remote_id, permissions: { contents: 'read' } } as const
  return installationToken(ctx, reached.installation_id, scope, signal)
}
