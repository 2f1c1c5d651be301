import { type GitHostName, gitHosts } from '../git/hosts/hosts.js'
import { hostOf, pathOf } from '../git/repository-key.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { Secret } from '../platform/secret.js'
import { maybeApp, maybeInstallation } from './github-app/queries.js'
import { maybeReached } from './github-app/repository-queries.js'
import { dropTokens, installationToken } from './github-app/tokens.js'
import * as queries from './queries.js'

/** What it takes to speak to the host of a connection. */
export interface Speaker {
  readonly host: GitHostName
  /** `github.com` */
  readonly hostName: string
  /** `acme/shop` */
  readonly repository: string
  readonly base: string
  readonly token: Secret
  /** The installation of an app that gave the token; null for one that a person gave. */
  readonly installationId: string | null
}

/**
 * The token with which to speak to the host of a repository, by its key (`github.com/acme/shop`): the one that somebody
 * gave to its connection, else one of the GitHub App that is installed on it. Null where there is neither. Not inside of
 * a transaction: GitHub may have to be asked. @throws UserError where it gives no token
 */
export async function hostTokenFor(ctx: TeamCtx, repositoryKey: string, signal: AbortSignal): Promise<Speaker | null> {
  const [connection] = await ctx.reading((tx) => queries.speakingConnections(tx, repositoryKey))
  return connection ? maybeSpeaker(ctx, connection.id, signal) : null
}

/** The same for one connection. */
export async function maybeSpeaker(ctx: TeamCtx, id: string, signal: AbortSignal): Promise<Speaker | null> {
  const known = await ctx.reading((tx) => read(tx, id))
  if (!known || 'token' in known) return known
  const { reached, ...speaker } = known
  const { installation_id: installationId, remote_id: repositoryId } = reached
  const token = await installationToken(ctx, installationId, { repositoryId }, signal)
  return { ...speaker, token, installationId }
}

/** The same where whoever gave the token offered with it what it reads. */
export const maybeOfferedSpeaker = (ctx: TeamCtx, id: string): Promise<Speaker | null> =>
  ctx.reading(async (tx) => {
    const offer = await queries.maybeOffer(tx, id)
    return offer?.token_sealed ? byToken(tx, { ...offer, id }, offer.token_sealed) : null
  })

/** The host did not take it: the next time another one is asked for. */
export const dropToken = async (ctx: TeamCtx, { installationId }: Speaker): Promise<void> =>
  void (installationId && (await dropTokens(ctx, installationId)))

async function read(tx: TeamTx, id: string) {
  const connection = await queries.maybeConnection(tx, id)
  if (!connection) return null
  const sealed = await queries.maybeTokenOf(tx, id)
  if (sealed) return byToken(tx, connection, sealed)
  const { host, repository_key: key } = connection
  const installation = connection.installation_id && (await maybeInstallation(tx, connection.installation_id))
  const app = installation && (await maybeApp(tx, installation.github_app_id))
  const reached = app && (await maybeReached(tx, key))
  return app && reached ? { host, hostName: hostOf(key), repository: pathOf(key), base: app.api_url, reached } : null
}

type Known = Pick<queries.Connection, 'id' | 'host' | 'repository_key' | 'web_origin' | 'api_url'>

const byToken = (tx: TeamTx, connection: Known, sealed: string): Speaker => ({
  host: connection.host,
  hostName: hostOf(connection.repository_key),
  repository: pathOf(connection.repository_key),
  base: apiBase(connection),
  token: tx.ctx.services.vault.open(sealed, tokenPlace(connection.id)),
  installationId: null,
})

/** Where the connection's host is spoken to. */
export const apiBase = ({ host, web_origin, api_url }: Pick<Known, 'host' | 'web_origin' | 'api_url'>): string =>
  api_url ?? gitHosts[host].api.base(web_origin)

export const tokenPlace = (id: string) => ({ table: 'repository_connections', id, column: 'token_sealed' })
