import { hasInstallation } from '../connections/connections.js'
import { pendingChanges } from '../deploys/deploys.js'
import { deployKeyLink } from '../git/repository-links.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { why } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { credentialsOf } from './credentials.js'
import { siteHead, siteView } from './pages.js'
import { siteCan } from './rules.js'
import { addressOf, lookAt } from './source.js'
import { stackChoices } from './wizard.js'

export const settingsPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const head = await siteHead(tx, slug)
    const can = (move: Parameters<typeof siteCan.move>[1]) => why(siteCan.move(head.row, move))
    return {
      ...head,
      stacks: stackChoices(head.server),
      pending: await pendingChanges(tx, head.row),
      keyLink: deployKeyLink(parseRepositoryUrl(head.row.repository_url, ['https', 'ssh', 'http'])),
      hasApp: await hasInstallation(tx),
      changeWhy: why(siteCan.change(head.row)),
      deactivateWhy: can('deactivate'),
      activateWhy: can('activate'),
      archiveWhy: can('archive'),
      unarchiveWhy: can('unarchive'),
      removeWhy: why(siteCan.remove(head.row)),
    }
  })

export const siteAnswer = (ctx: TeamCtx, site: SitesRow) =>
  ctx.reading(async (tx) => ({ site: siteView(ctx, site, await findServer(tx, site.server_id)) }))

/** A sentence when we get in; what is in the way is thrown. */
export async function checkSource(ctx: TeamCtx, slug: string): Promise<string> {
  const { row, server } = await ctx.reading((tx) => siteHead(tx, slug))
  const source = { url: addressOf(ctx, row.repository_url), credentials: await credentialsOf(ctx, row) }
  const found = await lookAt(ctx, server, source, { branch: row.branch, rootFolder: row.root_folder })
  return `The repository lets us in, and has the branch ${found.branch}`
}
