import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SiteGroupsRow } from '../platform/db/tables.js'
import { conflict, FieldError, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { findSite } from '../sites/sites.js'
import { lockTeam } from '../teams/teams.js'
import { refuseStronger } from './held.js'
import * as queries from './queries.js'

/** Groups of sites, for roles that are held on several at once. A site may be in many. */

export const listGroups = async (ctx: TeamCtx) => (await ctx.reading(queries.groups)).map(shown)

/** The sites by name are those that the caller may see; of the others it says how many there are. */
export async function groupPage(ctx: TeamCtx, id: string) {
  const group = await ctx.reading(async (tx) => ({
    ...(await findGroup(tx, id)),
    sites: await queries.countSites(tx, id),
  }))
  return { group: shown(group), sites: await ctx.reading((tx) => queries.sitesOf(tx, id), 'site:read') }
}

export async function createGroup(ctx: TeamCtx, name: string) {
  const row = { id: newId(), team_id: ctx.team.id, name, created_at: ctx.now() }
  await changing(ctx, async (tx) => {
    if (!(await queries.claimGroup(tx, row))) throw isTaken()
    await append(tx, { type: 'site-group.created', subject: subjectOf(row), data: { name } })
  })
  return shown({ ...row, sites: 0 })
}

export const renameGroup = (ctx: TeamCtx, id: string, name: string): Promise<void> =>
  changing(ctx, async (tx) => {
    const group = await findGroup(tx, id)
    if (group.name === name) return
    if (await queries.otherGroupNamed(tx, id, name)) throw isTaken()
    await queries.renameGroup(tx, id, name)
    const data = { name, before: { name: group.name }, after: { name } }
    await append(tx, { type: 'site-group.renamed', subject: subjectOf(group), data })
  })

/** Whoever held a role on it loses that; the sites stay. */
export const deleteGroup = (ctx: TeamCtx, id: string): Promise<void> =>
  changing(ctx, async (tx) => {
    const group = await findGroup(tx, id)
    await refuseStronger(tx, { kind: 'group', id }, id)
    await queries.deleteGroup(tx, id)
    await append(tx, { type: 'site-group.removed', subject: subjectOf(group), data: { name: group.name } })
  })

/** Whoever holds a role on the group holds it on the site from their next request on. Twice is once. */
export const addSite = (ctx: TeamCtx, id: string, slug: string): Promise<void> =>
  changing(ctx, async (tx) => {
    const group = await findGroup(tx, id)
    const site = await findSite(tx, slug).catch(() => {
      throw new FieldError('site', 'The team has no site of this name')
    })
    await refuseStronger(tx, { kind: 'site', id: site.id }, id)
    if (!(await queries.addSite(tx, id, site.id))) return
    const data = { name: site.name, group: group.name, groupId: id }
    await append(tx, { type: 'site-group.site-added', subject: { kind: 'site', id: site.id }, data })
  })

export const dropSite = (ctx: TeamCtx, id: string, slug: string): Promise<void> =>
  changing(ctx, async (tx) => {
    const group = await findGroup(tx, id)
    const site = await findSite(tx, slug)
    await refuseStronger(tx, { kind: 'site', id: site.id }, id)
    if ((await queries.dropSite(tx, id, site.id)) === 0) throw conflict(`${site.name} is not in this group`)
    const data = { name: site.name, group: group.name, groupId: id }
    await append(tx, { type: 'site-group.site-dropped', subject: { kind: 'site', id: site.id }, data })
  })

/** One after the other, and after who gives roles on them: what was looked at is still so when it is changed. */
const changing = <T>(ctx: TeamCtx, work: (tx: TeamTx) => Promise<T>): Promise<T> =>
  ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    return work(tx)
  })

async function findGroup(tx: TeamTx, id: string): Promise<SiteGroupsRow> {
  const group = isId(id) ? await queries.maybeGroup(tx, id) : undefined
  if (!group) throw notFound('group of sites')
  return group
}

const isTaken = () => new FieldError('name', 'The team has a group of this name')

const subjectOf = ({ id }: { id: string }) => ({ kind: 'site-group', id })

const shown = ({ id, name, sites, created_at }: queries.ListedGroup) => ({ id, name, sites, createdAt: created_at })
