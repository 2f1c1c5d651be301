import { setTimeout } from 'node:timers/promises'
import { githubAppApi, InstallationToken, type TokenScope } from '../../git/hosts/github-app-api.js'
import type { TeamCtx } from '../../platform/access/ctx.js'
import { notFound, UserError } from '../../platform/errors.js'
import type { Secret } from '../../platform/secret.js'
import { askAsApp, read } from './asking.js'
import * as queries from './queries.js'
import { leastTokenMs, tokenClaimMs } from './rules.js'
import * as tokenQueries from './token-queries.js'

/**
 * A token of an installation that is good for at least twenty minutes more. It is kept sealed, so that all workers have
 * the same one, and asked for by one of them at a time. Not inside of a transaction: GitHub may be slow.
 * @throws UserError where GitHub gives none
 */
export async function installationToken(
  ctx: TeamCtx,
  installationId: string,
  scope: TokenScope,
  signal?: AbortSignal,
): Promise<Secret> {
  const name = nameOf(scope)
  for (let waitedMs = 0; waitedMs < tokenClaimMs * 2; waitedMs += waitMs) {
    const known = await keptToken(ctx, installationId, name)
    if (known) return known
    const inMs = (ms: number) => new Date(ctx.now().getTime() + ms)
    const wanted = { installationId, scope: name, goodUntil: inMs(leastTokenMs) }
    if (await ctx.transaction((tx) => tokenQueries.claimToken(tx, wanted, inMs(tokenClaimMs))))
      return refresh(ctx, installationId, scope, signal)
    await setTimeout(waitMs, undefined, signal && { signal })
  }
  throw new UserError(502, 'GitHub has not given a token for a while', 'Try again.')
}

const waitMs = 100

/** The host did not take it although it should be good: the next use asks for another. */
export const dropTokens = (ctx: TeamCtx, installationId: string): Promise<void> =>
  ctx.transaction((tx) => tokenQueries.dropTokens(tx, installationId))

async function keptToken(ctx: TeamCtx, installationId: string, scope: string): Promise<Secret | null> {
  const row = await ctx.reading((tx) => tokenQueries.maybeToken(tx, installationId, scope))
  if (!row?.token_sealed || !row.expires_at) return null
  if (row.expires_at.getTime() - ctx.now().getTime() < leastTokenMs) return null
  return ctx.services.vault.open(row.token_sealed, place(installationId, scope))
}

/** For the one who has claimed it. */
async function refresh(
  ctx: TeamCtx,
  installationId: string,
  scope: TokenScope,
  signal: AbortSignal | undefined,
): Promise<Secret> {
  const name = nameOf(scope)
  const put = (token: tokenQueries.KnownToken) =>
    ctx.transaction((tx) => tokenQueries.putToken(tx, installationId, name, token))
  try {
    const { app, number } = await ctx.reading(async (tx) => {
      const installation = await queries.maybeInstallation(tx, installationId)
      const found = installation && (await queries.maybeApp(tx, installation.github_app_id))
      if (!found) throw notFound('installation of a GitHub App')
      return { app: found, number: installation.installation_id }
    })
    const answer = await askAsApp(ctx.services, app, githubAppApi.token(number, scope), signal)
    const { token, expires_at } = read(answer, InstallationToken, 'a token for its repositories')
    await put({ token_sealed: ctx.services.vault.seal(token, place(installationId, name)), expires_at })
    return token
  } catch (error) {
    // Whoever waits asks by themselves at once.
    await put({ token_sealed: null, expires_at: null })
    throw error
  }
}

/** Two uses share a token only where they may do the same. */
const nameOf = ({ repositoryId, permissions }: TokenScope): string =>
  [repositoryId ?? 'all', ...Object.entries(permissions ?? {}).map((pair) => pair.join('='))].join(' ')

const place = (installationId: string, scope: string) => ({
  table: 'github_tokens',
  id: `${installationId} ${scope}`,
  column: 'token_sealed',
})
