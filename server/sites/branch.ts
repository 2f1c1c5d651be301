import { newestCommit } from '../git/probe.js'
import { parseBranchName } from '../git/ref-name.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { refuseUnless } from '../platform/verdict.js'
import { credentialsOf } from './credentials.js'
import { siteCan } from './rules.js'

/**
 * Another branch than the site has must be in the repository; where that cannot be asked now, a person is believed. Not
 * inside of a transaction: Git may be slow. @throws FieldError
 */
export async function refuseMissingBranch(ctx: TeamCtx, site: SitesRow, branch: string): Promise<void> {
  if (branch === site.branch) return
  refuseUnless(siteCan.change(site))
  if ((await isThere(ctx, site, branch)) === false)
    throw new FieldError('branch', `The repository has no branch “${branch}”`)
}

/** Null where the repository cannot be asked: the page of branches and the next deploy say why. */
async function isThere(ctx: TeamCtx, site: SitesRow, branch: string): Promise<boolean | null> {
  try {
    const url = parseRepositoryUrl(site.repository_url, ctx.services.config.gitProtocols)
    const source = { url, credentials: await credentialsOf(ctx, site) }
    const host = await ctx.services.hosts.get(site.server_id)
    return (await newestCommit(host, { ...source, branch: parseBranchName(branch) })) !== null
  } catch {
    return null
  }
}
