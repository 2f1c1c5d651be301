import { newestCommit } from '../git/probe.js'
import { parseBranchName } from '../git/ref-name.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { refuseUnless } from '../platform/verdict.js'
import { isOutOfReach, openSource } from './opening.js'
import { siteCan } from './rules.js'

/** What is deployed is chosen with the repository: whoever changes other settings leaves the branch. @throws FieldError */
export function refuseOtherBranch(ctx: TeamCtx, site: SitesRow, branch: string | undefined): void {
  if (branch !== undefined && branch !== site.branch && !ctx.may('source:update', site.id))
    throw new FieldError('branch', 'Your role does not let you choose another branch')
}

/**
 * Another branch than the site has must be in the repository; where that cannot be asked now, a person is believed. Not
 * inside of a transaction: Git may be slow. @throws FieldError
 */
export async function refuseMissingBranch(
  ctx: TeamCtx,
  site: SitesRow,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  if (branch === site.branch) return
  // Before the repository is asked: whether it has a branch is not for everybody.
  refuseOtherBranch(ctx, site, branch)
  refuseUnless(siteCan.change(site))
  if ((await isThere(ctx, site, branch, signal)) === false)
    throw new FieldError('branch', `The repository has no branch “${branch}”`)
}

/** Null where the repository cannot be asked: the page of branches and the next deploy say why. */
async function isThere(ctx: TeamCtx, site: SitesRow, branch: string, signal: AbortSignal): Promise<boolean | null> {
  try {
    const { host, source } = await openSource(ctx, site, signal)
    return (await newestCommit(host, { ...source, branch: parseBranchName(branch) }, { signal })) !== null
  } catch (error) {
    if (!isOutOfReach(error)) throw error
    return null
  }
}
