import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { Permission } from '../platform/access/permissions.js'
import { permissionsOf, type Role, roleNames } from '../platform/access/roles.js'
import { FieldError } from '../platform/errors.js'
import * as queries from './queries.js'
import { mayOffer, type Offer } from './rules.js'

/** An offer with the words for it. */
export interface NamedOffer extends Offer {
  readonly roleId: string | null
  readonly roleName: string
  readonly onName: string | null
}

/** What the form has to choose from: only what who looks may give. */
export const choicesFor = (ctx: TeamCtx) =>
  ctx.reading(async (tx) => {
    const own = (await queries.ownRoles(tx)).filter((role) =>
      mayOffer(ctx.access, { role: null, permissions: known(role.permissions), on: null }),
    )
    const builtIn = roleNames.filter((role) =>
      mayOffer(ctx.access, { role, permissions: [...permissionsOf[role]], on: null }),
    )
    const things = async (kind: string, word: string, find: typeof queries.sitesIn) =>
      (await find(tx)).map(({ id, name }) => ({ value: `${kind}:${id}`, label: `${word} ${name}` }))
    return {
      roles: [
        ...builtIn.map((role) => ({ value: role as string, label: wordOf(role) })),
        ...own.map(({ id, name }) => ({ value: id, label: name })),
      ],
      things: [
        { value: 'team', label: 'The whole team' },
        ...(await things('site', 'The site', queries.sitesIn)),
        ...(await things('group', 'The sites of', queries.groupsIn)),
        ...(await things('server', 'The server', queries.serversIn)),
      ],
    }
  })

/** Throws beside the field for a role or a thing that is not of this team. */
export const findOffer = (ctx: TeamCtx, wish: { role: string; on: string }): Promise<NamedOffer> =>
  ctx.reading(async (tx) => {
    const on = await findOn(tx, wish.on)
    const role = roleNames.find((name) => name === wish.role)
    const place = { on: on && { kind: on.kind, id: on.id }, onName: on?.name ?? null }
    if (role) return { role, permissions: [...permissionsOf[role]], roleId: null, roleName: wordOf(role), ...place }
    const own = (await queries.ownRoles(tx)).find(({ id }) => id === wish.role)
    if (!own) throw new FieldError('role', 'There is no such role')
    return { role: null, permissions: known(own.permissions), roleId: own.id, roleName: own.name, ...place }
  })

async function findOn(tx: TeamTx, on: string) {
  if (on === 'team') return null
  const [kind = '', id = ''] = on.split(':')
  const find = { site: queries.sitesIn, server: queries.serversIn, group: queries.groupsIn }[kind]
  const found = (await find?.(tx))?.find((thing) => thing.id === id)
  if (!found || !(kind === 'site' || kind === 'server' || kind === 'group'))
    throw new FieldError('on', 'There is no such thing in the team')
  return { kind, ...found } as const
}

/** Of an invitation that was written down. */
export function offerOf(row: queries.Invitation): Offer {
  const on =
    (row.siteId && { kind: 'site', id: row.siteId }) ||
    (row.serverId && { kind: 'server', id: row.serverId }) ||
    (row.groupId && { kind: 'group', id: row.groupId }) ||
    null
  return {
    role: row.role,
    permissions: row.role ? [...permissionsOf[row.role]] : (row.permissions ?? []),
    on: on as Offer['on'], // `as`: each of its kinds stands there as a word.
  }
}

export const wordOf = (role: Role): string => `${role[0]?.toUpperCase()}${role.slice(1)}`

// `as`: the database keeps them as text; one that is no more opens nothing.
const known = (permissions: readonly string[]) => permissions as readonly Permission[]
