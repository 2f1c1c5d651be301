import type { Source } from '../git/remote.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import type { Host } from '../platform/ssh/host.js'
import { RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { credentialsOf } from './credentials.js'

/** A site's repository with the way in, and the machine that asks it. */
export interface OpenedSource {
  readonly host: Host
  readonly source: Source
}

/** Not inside of a transaction: GitHub may have to give a token first. What it throws `isOutOfReach` tells apart. */
export async function openSource(ctx: TeamCtx, site: SitesRow, signal: AbortSignal): Promise<OpenedSource> {
  const url = parseRepositoryUrl(site.repository_url, ctx.services.config.gitProtocols)
  const credentials = await credentialsOf(ctx, site, signal)
  return { host: await ctx.services.hosts.get(site.server_id), source: { url, credentials } }
}

/** Whether a repository, or the machine that asks it, did not answer; anything else is a fault of ours. */
export const isOutOfReach = (error: unknown): boolean =>
  error instanceof UserError || error instanceof RemoteCommandError
