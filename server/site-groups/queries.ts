import type { TeamTx } from '../platform/access/ctx.js'
import type { SiteGroupsRow, SitesRow } from '../platform/db/tables.js'

export type ListedGroup = SiteGroupsRow & { sites: number }

const ofTeam = (tx: TeamTx) => tx.db('site_groups').where({ team_id: tx.ctx.team.id })

export const groups = (tx: TeamTx): Promise<ListedGroup[]> =>
  tx.db.rows<ListedGroup>(
    `select site_group.id, site_group.team_id, site_group.name, site_group.created_at,
       (select count(*)::int from grouped_sites where group_id = site_group.id) as sites
     from site_groups site_group where site_group.team_id = $1 order by lower(site_group.name)`,
    [tx.ctx.team.id],
  )

export const maybeGroup = (tx: TeamTx, id: string): Promise<SiteGroupsRow | undefined> =>
  ofTeam(tx).select('id', 'team_id', 'name', 'created_at').where({ id }).first()

/** Returns false when the team has a group of that name. */
export const claimGroup = async (tx: TeamTx, row: SiteGroupsRow): Promise<boolean> =>
  (
    await tx.db.rows<{ id: string }>(
      `insert into site_groups (id, team_id, name, created_at) values ($1, $2, $3, $4)
       on conflict (team_id, lower(name)) do nothing returning id`,
      [row.id, row.team_id, row.name, row.created_at],
    )
  ).length === 1

export const otherGroupNamed = async (tx: TeamTx, id: string, name: string): Promise<boolean> =>
  (await ofTeam(tx).select('id').whereRaw('lower(name) = lower(?)', [name]).whereNot({ id }).first()) !== undefined

export const renameGroup = (tx: TeamTx, id: string, name: string): Promise<number> =>
  ofTeam(tx).where({ id }).update({ name })

export const deleteGroup = (tx: TeamTx, id: string): Promise<number> => ofTeam(tx).where({ id }).delete()

/** Enough for a page; a team with more sites in one group names them by the API. */
const mostShown = 1000

export const sitesOf = (tx: TeamTx, groupId: string): Promise<Pick<SitesRow, 'slug' | 'name'>[]> =>
  tx
    .db('grouped_sites as grouped')
    .join('sites as site', 'site.id', 'grouped.site_id')
    .where({ 'grouped.team_id': tx.ctx.team.id, 'grouped.group_id': groupId })
    .select('site.slug', 'site.name')
    .orderBy('site.name')
    .orderBy('site.id')
    .limit(mostShown)

export const countSites = async (tx: TeamTx, groupId: string): Promise<number> => {
  const [row] = await tx.db('grouped_sites').where({ team_id: tx.ctx.team.id, group_id: groupId }).count({ sites: '*' })
  return Number(row?.sites)
}

/** Returns false when it is in the group already. */
export const addSite = async (tx: TeamTx, groupId: string, siteId: string): Promise<boolean> =>
  (
    await tx
      .db('grouped_sites')
      .insert({ group_id: groupId, site_id: siteId, team_id: tx.ctx.team.id })
      .onConflict(['group_id', 'site_id'])
      .ignore()
      .returning('site_id')
  ).length === 1

export const dropSite = (tx: TeamTx, groupId: string, siteId: string): Promise<number> =>
  tx.db('grouped_sites').where({ team_id: tx.ctx.team.id, group_id: groupId, site_id: siteId }).delete()
