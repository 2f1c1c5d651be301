import { z } from 'zod'
import type { TeamCtx } from '../platform/access/ctx.js'
import { nothing, scim } from '../platform/http/reply.js'
import { del, get, patch, post, put, type Route } from '../platform/http/route.js'
import { createGroup, deleteGroup, findGroup, groupFields, listGroups, updateGroup } from './groups.js'
import { addressOf } from './pages.js'
import { ListQuery, ResourceQuery } from './schema.js'
import { conditionOf } from './scim/filters.js'
import { groupIn, groupPatch } from './scim/groups.js'
import { stepsOf } from './scim/patches.js'
import {
  type Chosen,
  choosing,
  type GroupRow,
  groupResource,
  leavesOut,
  listResponse,
  pageOf,
} from './scim/resources.js'

/** Whatever it is: what it has to be, the readers of SCIM say in SCIM's words. */
const input = z.unknown()

/** RFC 7644, 3.2 to 3.6. A PATCH is answered with nothing: the group may have more members than anybody asked to see. */
export const groupRoutes: readonly Route[] = [
  get('/scim/v2/:directory/Groups', { can: 'directory', query: ListQuery }, async ({ ctx, params, query }) => {
    const condition = query.filter ? conditionOf(query.filter, groupFields) : null
    const page = pageOf(query.startIndex, query.count)
    const { rows, total } = await listGroups(ctx, params.directory, condition, { ...page, ...shownIn(query) })
    return scim(listResponse(rows.map(shownBy(ctx, params.directory, query)), total, page.startIndex))
  }),
  post(
    '/scim/v2/:directory/Groups',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params, query, input }) => {
      const row = await createGroup(ctx, params.directory, groupIn(input))
      const base = addressOf(ctx, params.directory)
      return scim(shownBy(ctx, params.directory, query)(row), 201, `${base}/Groups/${row.id}`)
    },
  ),
  get(
    '/scim/v2/:directory/Groups/:group',
    { can: 'directory', query: ResourceQuery },
    async ({ ctx, params: { directory, group }, query }) =>
      scim(shownBy(ctx, directory, query)(await findGroup(ctx, directory, group, shownIn(query)))),
  ),
  put(
    '/scim/v2/:directory/Groups/:group',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params: { directory, group }, query, input }) => {
      const wanted = groupIn(input)
      await updateGroup(ctx, directory, group, () => wanted)
      return scim(shownBy(ctx, directory, query)(await findGroup(ctx, directory, group, shownIn(query))))
    },
  ),
  patch(
    '/scim/v2/:directory/Groups/:group',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params: { directory, group }, input }) => {
      await updateGroup(ctx, directory, group, groupPatch(stepsOf(input)))
      return nothing()
    },
  ),
  del('/scim/v2/:directory/Groups/:group', { can: 'directory' }, async ({ ctx, params: { directory, group } }) => {
    await deleteGroup(ctx, directory, group)
    return nothing()
  }),
]

const shownIn = (chosen: Chosen) => ({ withMembers: !leavesOut(chosen, 'members') })

function shownBy(ctx: TeamCtx, directory: string, chosen: Chosen) {
  const [chosenOf, base] = [choosing(chosen), addressOf(ctx, directory)]
  return (row: GroupRow) => chosenOf(groupResource(row, base))
}
