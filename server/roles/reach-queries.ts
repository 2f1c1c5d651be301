import type { Reached } from '../platform/access/access.js'
import type { Transaction } from '../platform/db/doors.js'
import { isId } from '../platform/ids.js'

/** What a role on one thing reaches; `holder` is that thing. */
export type ReachedBy = Reached & { holder: string }

/**
 * A site with its previews, a server with its sites, the sites of a group with their previews. One statement, asked of
 * those alone who hold a role on a part of a team.
 */
export const reachedBy = (
  db: Transaction,
  teamId: string,
  on: { sites: readonly string[]; servers: readonly string[]; groups: readonly string[] },
): Promise<ReachedBy[]> =>
  db.rows<ReachedBy>(
    `select site.id as holder, 'site' as kind, shown.id
     from sites site join sites shown on shown.id = site.id or shown.preview_of = site.id
     where site.team_id = $1 and site.id = any($2::uuid[])
     union all
     select grouped.group_id, 'site', shown.id
     from grouped_sites grouped join sites shown on shown.id = grouped.site_id or shown.preview_of = grouped.site_id
     where grouped.team_id = $1 and grouped.group_id = any($3::uuid[])
     union all
     select site.server_id, 'site', site.id from sites site where site.team_id = $1 and site.server_id = any($4::uuid[])
     union all
     select id, 'server', id from servers where team_id = $1 and id = any($4::uuid[])`,
    [teamId, on.sites, on.groups, on.servers],
  )

/** By slug, and a server also by its id. Null when the team has none. */
export async function idOf(
  db: Transaction,
  table: 'sites' | 'servers',
  teamId: string,
  name: string,
): Promise<string | null> {
  const by = table === 'servers' && isId(name) ? { id: name } : { slug: name }
  const row = await db(table).select('id').where({ team_id: teamId }).where(by).first()
  return row?.id ?? null
}

/** What an operation is about, as it was written down: `site:<id>`. Null when there is no such operation. */
export async function subjectOfOperation(db: Transaction, teamId: string, id: string): Promise<string | null> {
  const row = await db('operations').select('subject').where({ team_id: teamId, id }).first()
  return row?.subject ?? null
}
