import { listBranches } from '../git/probe.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { explain } from '../platform/ssh/explain.js'
import { findSite, isOutOfReach, openSource } from '../sites/sites.js'

export interface KnownBranches {
  branches: string[]
  fault: string | null
}

/** The branches to choose from, asked of the repository; or why it could not be asked. */
export async function siteBranches(ctx: TeamCtx, slug: string, signal: AbortSignal): Promise<KnownBranches> {
  const site = await ctx.reading((tx) => findSite(tx, slug))
  try {
    const { host, source } = await openSource(ctx, site, signal)
    const { branches } = await listBranches(host, source, { signal })
    return { branches: branches.map(({ name }) => name).sort(), fault: null }
  } catch (error) {
    if (!isOutOfReach(error)) throw error
    const { message, hint } = explain(error)
    return { branches: [], fault: [message, hint].filter(Boolean).join('. ') }
  }
}
