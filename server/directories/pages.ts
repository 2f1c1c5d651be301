import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { listRoles, nameSeen, onOf, roleOf, thingsSeen } from '../roles/roles.js'
import { findConnection } from '../sign-in-connections/sign-in-connections.js'
import { countsOf } from './queries.js'
import { groupsToMap, mappingsOf, type ShownMapping } from './role-queries.js'
import { listTokens } from './tokens.js'

/** More than this nobody chooses from; the rest can be mapped by the API. */
const mostShown = 500

/** The directory beside a sign-in connection. @throws UserError 404 */
export const showDirectory = (ctx: TeamCtx, connection: string) =>
  ctx.reading(async (tx) => {
    const { id, name } = await findConnection(tx, connection)
    const { people } = await countsOf(tx, id)
    const [tokens, groups] = [await listTokens(tx, id), await groupsToMap(tx, id, mostShown)]
    const roles = (await mappingsOf(tx, id)).map((row) => shownRole(ctx, row))
    return { connection: { id, name }, directory: { address: addressOf(ctx, id), people, groups, tokens, roles } }
  })

export const addressOf = ({ services }: TeamCtx, id: string): string => services.config.baseUrl.origin + paths.scim(id)

const shownRole = (ctx: TeamCtx, row: ShownMapping) => ({
  ...{ id: row.id, group: row.told_name, role: roleOf(row).name },
  on: { kind: onOf(row).kind, name: nameSeen(ctx, row, row.site_name ?? row.server_name ?? row.site_group_name) },
})

export async function directoryPage(ctx: TeamCtx, connection: string) {
  const shown = await showDirectory(ctx, connection)
  const roles = await listRoles(ctx)
  return {
    ...shown,
    team: ctx.team,
    choices: {
      roles: roles.map(({ id, name, isOwn }) => ({ value: id, label: isOwn ? name : `${name} (built in)` })),
      groups: shown.directory.groups.map(({ id, name, members }) => ({ value: id, label: `${name} (${members})` })),
      things: await thingsSeen(ctx),
    },
  }
}
