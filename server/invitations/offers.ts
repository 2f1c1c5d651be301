import type { TeamCtx } from '../platform/access/ctx.js'
import { permissionsOf } from '../platform/access/roles.js'
import { isBuiltIn, knownPermissions, listRoles, type On, thingsSeen, whatIsGiven } from '../roles/roles.js'
import * as queries from './queries.js'
import { mayOffer, type Offer } from './rules.js'
import type { NewInvitation } from './schema.js'

/** An offer with the words for it. */
export interface NamedOffer extends Offer {
  readonly roleId: string | null
  readonly roleName: string
  readonly onName: string | null
}

/** What the form has to choose from: only what who looks may give. */
export async function choicesFor(ctx: TeamCtx) {
  const roles = (await listRoles(ctx)).filter(({ id, permissions }) =>
    mayOffer(ctx.access, { role: isBuiltIn(id) ? id : null, permissions, on: { kind: 'team' } }),
  )
  return {
    roles: roles.map(({ id, name }) => ({ value: id, label: name })),
    things: await thingsSeen(ctx),
  }
}

/** Throws beside the field for a role or a thing that is not of this team. */
export const findOffer = (ctx: TeamCtx, wish: Omit<NewInvitation, 'email'>): Promise<NamedOffer> =>
  ctx.reading(async (tx) => {
    const { role, on } = await whatIsGiven(tx, wish)
    const onName = on.kind === 'team' ? null : ((await queries.thingsNamed(tx, [on.id])).get(on.id) ?? null)
    return { role: role.builtIn, permissions: role.permissions, on, roleId: role.ownId, roleName: role.name, onName }
  })

/** Of an invitation that was written down. */
export const offerOf = (row: queries.Invitation): Offer => ({
  role: row.role,
  permissions: row.role ? [...permissionsOf[row.role]] : knownPermissions(row.permissions ?? []),
  on: onOf(row),
})

function onOf({ siteId, serverId, groupId }: queries.Invitation): On {
  if (siteId !== null) return { kind: 'site', id: siteId }
  if (serverId !== null) return { kind: 'server', id: serverId }
  return groupId === null ? { kind: 'team' } : { kind: 'group', id: groupId }
}
