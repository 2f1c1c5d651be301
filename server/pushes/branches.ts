import { listBranches } from '../git/probe.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { explain } from '../platform/ssh/explain.js'
import { credentialsOf, findSite } from '../sites/sites.js'

/** The branches to choose from, asked of the repository; or why it could not be asked. */
export async function siteBranches(ctx: TeamCtx, slug: string): Promise<{ branches: string[]; fault: string | null }> {
  const site = await ctx.reading((tx) => findSite(tx, slug))
  try {
    const credentials = await credentialsOf(ctx, site)
    const url = parseRepositoryUrl(site.repository_url, ctx.services.config.gitProtocols)
    const host = await ctx.services.hosts.get(site.server_id)
    const { branches } = await listBranches(host, { url, credentials })
    return { branches: branches.map(({ name }) => name).sort(), fault: null }
  } catch (error) {
    const { message, hint } = explain(error)
    return { branches: [], fault: [message, hint].filter(Boolean).join('. ') }
  }
}
