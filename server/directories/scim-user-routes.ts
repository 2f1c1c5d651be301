import { z } from 'zod'
import type { TeamCtx } from '../platform/access/ctx.js'
import { nothing, scim } from '../platform/http/reply.js'
import { del, get, patch, post, put, type Route } from '../platform/http/route.js'
import { addressOf } from './pages.js'
import { ListQuery, ResourceQuery } from './schema.js'
import { conditionOf } from './scim/filters.js'
import { stepsOf } from './scim/patches.js'
import { type Chosen, choosing, listResponse, pageOf, type UserRow, userResource } from './scim/resources.js'
import { patchedUser, userIn } from './scim/users.js'
import { createUser, deleteUser, findUser, listUsers, updateUser, userFields } from './users.js'

/** Whatever it is: what it has to be, the readers of SCIM say in SCIM's words. */
const input = z.unknown()

/** RFC 7644, 3.2 to 3.6. */
export const userRoutes: readonly Route[] = [
  get('/scim/v2/:directory/Users', { can: 'directory', query: ListQuery }, async ({ ctx, params, query }) => {
    const condition = query.filter ? conditionOf(query.filter, userFields) : null
    const page = pageOf(query.startIndex, query.count)
    const { rows, total } = await listUsers(ctx, params.directory, condition, page)
    return scim(listResponse(rows.map(shownBy(ctx, params.directory, query)), total, page.startIndex))
  }),
  post(
    '/scim/v2/:directory/Users',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params, query, input }) => {
      const row = await createUser(ctx, params.directory, userIn(input))
      const base = addressOf(ctx, params.directory)
      return scim(shownBy(ctx, params.directory, query)(row), 201, `${base}/Users/${row.id}`)
    },
  ),
  get(
    '/scim/v2/:directory/Users/:user',
    { can: 'directory', query: ResourceQuery },
    async ({ ctx, params: { directory, user }, query }) =>
      scim(shownBy(ctx, directory, query)(await findUser(ctx, directory, user))),
  ),
  put(
    '/scim/v2/:directory/Users/:user',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params: { directory, user }, query, input }) => {
      const row = await updateUser(ctx, directory, user, ({ isActive }) => userIn(input, isActive))
      return scim(shownBy(ctx, directory, query)(row))
    },
  ),
  patch(
    '/scim/v2/:directory/Users/:user',
    { can: 'directory', query: ResourceQuery, input },
    async ({ ctx, params: { directory, user }, query, input }) => {
      const steps = stepsOf(input)
      const row = await updateUser(ctx, directory, user, (before) => patchedUser(before, steps))
      return scim(shownBy(ctx, directory, query)(row))
    },
  ),
  del('/scim/v2/:directory/Users/:user', { can: 'directory' }, async ({ ctx, params: { directory, user } }) => {
    await deleteUser(ctx, directory, user)
    return nothing()
  }),
]

function shownBy(ctx: TeamCtx, directory: string, chosen: Chosen) {
  const [chosenOf, base] = [choosing(chosen), addressOf(ctx, directory)]
  return (row: UserRow) => chosenOf(userResource(row, base))
}
