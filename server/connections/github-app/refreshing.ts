import {
  githubAppApi,
  Installation,
  InstallationRepositories,
  type InstallationRepository,
} from '../../git/hosts/github-app-api.js'
import { maybeRepositoryKey } from '../../git/repository-key.js'
import { TeamCtx, type TeamTx } from '../../platform/access/ctx.js'
import type { GithubInstallationsRow, GithubRepositoriesRow } from '../../platform/db/tables.js'
import { UserError } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import { maybeTeam } from '../../platform/operations/runner-queries.js'
import type { Services } from '../../platform/services.js'
import { linkThroughApps } from '../links.js'
import { ask, askAsApp, read } from './asking.js'
import { findApp } from './creating.js'
import * as queries from './queries.js'
import * as repositoryQueries from './repository-queries.js'
import { mostRepositories, refreshAfterMs, refreshClaimMs, refreshEveryMs } from './rules.js'
import { dropTokens, installationToken } from './tokens.js'

/** What GitHub says of an installation; null when it is gone. */
type Seen = { readonly installation: Installation; readonly repositories: readonly InstallationRepository[] } | null

/** Asks after every installation that is due, of all teams. */
export async function refreshDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const next = new Date(now.getTime() + refreshClaimMs)
    const due = await services.db.asSystem((db) => queries.takeDueInstallations(db, now, next, atOnce))
    if (due.length === 0) return
    await Promise.all(due.map((one) => refreshOf(services, one, signal)))
  }
}

const atOnce = 8

async function refreshOf(
  services: Services,
  { id, team_id }: Pick<GithubInstallationsRow, 'id' | 'team_id'>,
  signal: AbortSignal,
): Promise<void> {
  const team = await services.db.asSystem((db) => maybeTeam(db, team_id))
  if (team) await refreshInstallation(TeamCtx.system(services, team), id, signal)
}

/**
 * Deliveries only say that something has changed, and come in any order: what is in an installation is what GitHub
 * answers now. What is in the way is written down for people, and it is asked again later.
 */
export async function refreshInstallation(ctx: TeamCtx, id: string, signal?: AbortSignal): Promise<void> {
  const known = await ctx.reading(async (tx) => {
    const installation = await queries.maybeInstallation(tx, id)
    const app = installation && (await queries.maybeApp(tx, installation.github_app_id))
    return app && { app, installation }
  })
  if (!known) return
  const { app, installation } = known
  // What comes while it is asked is not in the answer.
  const asOf = ctx.now()
  try {
    const seen = await look(ctx, app, installation, signal)
    await ctx.transaction((tx) => settle(tx, app, { id, asOf }, seen))
  } catch (error) {
    if (signal?.aborted || !(error instanceof UserError)) throw error
    await ctx.transaction((tx) => recordFault(tx, installation, error))
  }
}

/** All of an app, for a person who waits for it. */
export async function refreshApp(ctx: TeamCtx, appId: string): Promise<void> {
  const installations = await ctx.reading(async (tx) => {
    const { id } = await findApp(tx, appId)
    return queries.installationsOf(tx, id)
  })
  await Promise.all(installations.map(({ id }) => refreshInstallation(ctx, id)))
}

async function look(
  ctx: TeamCtx,
  app: queries.App,
  { id, installation_id: number, suspended_at }: GithubInstallationsRow,
  signal: AbortSignal | undefined,
): Promise<Seen> {
  const answer = await askAsApp(ctx.services, app, githubAppApi.installation(number), signal)
  if (answer.status === 404) return null
  const installation = read(answer, Installation, 'the installation')
  if (installation.suspended_at) return { installation, repositories: [] }
  // Those from before a suspension were revoked by it.
  if (suspended_at) await dropTokens(ctx, id)
  return { installation, repositories: await listRepositories(ctx, app, id, signal) }
}

async function listRepositories(
  ctx: TeamCtx,
  app: queries.App,
  id: string,
  signal: AbortSignal | undefined,
): Promise<InstallationRepository[]> {
  const token = await installationToken(ctx, id, { permissions: { metadata: 'read' } }, signal)
  const found: InstallationRepository[] = []
  for (let page = 1; found.length < mostRepositories; page++) {
    const call = githubAppApi.repositories(page)
    const answer = await ask(ctx.services, { apiUrl: app.api_url, token, call, ...(signal && { signal }) })
    if (answer.status === 401) await dropTokens(ctx, id)
    const { repositories, total_count } = read(answer, InstallationRepositories, 'its repositories')
    found.push(...repositories)
    if (repositories.length === 0 || found.length >= total_count) return found
  }
  return found
}

async function settle(
  tx: TeamTx,
  app: queries.App,
  { id, asOf }: { id: string; asOf: Date },
  seen: Seen,
): Promise<void> {
  const before = await queries.lockInstallation(tx, id)
  if (!before) return
  const tell = (type: Told, data: Record<string, unknown> = {}) =>
    append(tx, {
      type,
      subject: { kind: 'github-app', id: app.id },
      data: { name: app.name, account: before.account, ...data },
    })
  if (!seen) {
    await queries.deleteInstallation(tx, id)
    await tell('github-app.uninstalled')
    return linkThroughApps(tx)
  }
  const { installation } = seen
  const now = tx.ctx.now()
  const suspendedAt = installation.suspended_at ? new Date(installation.suspended_at) : null
  await queries.updateInstallation(tx, id, {
    ...{ account: installation.account.login, selection: installation.repository_selection, suspended_at: suspendedAt },
    ...{ refreshed_at: asOf, refresh_at: new Date(now.getTime() + refreshEveryMs) },
    ...{ refresh_failures: 0, refresh_fault: null },
  })
  if (suspendedAt && !before.suspended_at) await tell('github-app.suspended')
  if (!suspendedAt && before.suspended_at) await tell('github-app.unsuspended')
  // What a suspended one has is not told, and comes back with it.
  if (!suspendedAt) {
    const { added, removed } = await replaceRepositories(tx, app, id, seen.repositories)
    const more = added.length + removed.length
    const named = { added: added.slice(0, mostNamed), removed: removed.slice(0, mostNamed), more }
    if (more > 0) await tell('github-app.repositories-changed', named)
  }
  await linkThroughApps(tx)
}

type Told =
  | 'github-app.uninstalled'
  | 'github-app.suspended'
  | 'github-app.unsuspended'
  | 'github-app.repositories-changed'

const mostNamed = 5

async function replaceRepositories(
  tx: TeamTx,
  { host }: queries.App,
  id: string,
  repositories: readonly InstallationRepository[],
): Promise<{ added: string[]; removed: string[] }> {
  const rows = new Map<string, GithubRepositoriesRow>()
  for (const one of repositories) {
    const key = maybeRepositoryKey(one.clone_url)
    // A host speaks for its own repositories alone.
    if (!key?.startsWith(`${host}/`)) continue
    rows.set(one.id, {
      ...{ installation_id: id, team_id: tx.ctx.team.id, remote_id: one.id, repository_key: key },
      ...{ full_name: one.full_name, is_private: one.private, default_branch: one.default_branch ?? '' },
    })
  }
  const before = await repositoryQueries.repositoriesOf(tx, id)
  await repositoryQueries.putRepositories(tx, id, [...rows.values()])
  const known = new Set(before.map((row) => row.remote_id))
  return {
    added: [...rows.values()].filter((row) => !known.has(row.remote_id)).map((row) => row.full_name),
    removed: before.filter((row) => !rows.has(row.remote_id)).map((row) => row.full_name),
  }
}

async function recordFault(
  tx: TeamTx,
  { id, refresh_failures }: GithubInstallationsRow,
  { message, hint }: UserError,
): Promise<void> {
  const failures = refresh_failures + 1
  await queries.updateInstallation(tx, id, {
    refresh_failures: failures,
    refresh_fault: [message, hint?.replace(/\.$/, '')].filter(Boolean).join('. ').slice(0, 1000),
    refresh_at: new Date(tx.ctx.now().getTime() + refreshAfterMs(failures)),
  })
}
