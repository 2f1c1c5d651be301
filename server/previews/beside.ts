import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { findServer } from '../servers/servers.js'
import * as queries from './queries.js'
import { untouched } from './rules.js'

/** What it takes to tell how a preview of the site stands, and to show it. */
export async function besideOf(tx: TeamTx, site: SitesRow) {
  return {
    settings: (await queries.maybeSettings(tx, site.id)) ?? untouched,
    branch: site.branch,
    repositoryKey: site.repository_key,
    count: await queries.countOf(tx, site.id),
    server: await findServer(tx, site.server_id),
    repository: parseRepositoryUrl(site.repository_url, ['https', 'ssh', 'http']),
  }
}

export type Beside = Awaited<ReturnType<typeof besideOf>>
