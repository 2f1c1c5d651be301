import type { z } from 'zod'
import { paths } from '../paths.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { permissionsOf } from '../platform/access/roles.js'
import { FieldError, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import type { PlatformConfig } from '../platform/services.js'
import { discover } from './oidc.js'
import * as queries from './queries.js'
import type { DefaultRole } from './rules.js'
import type { ChangedSignInConnection, NewSignInConnection } from './schema.js'

/** The provider is asked first what it is; nothing is kept of one that does not answer. */
export async function addConnection(ctx: TeamCtx, wanted: z.output<typeof NewSignInConnection>): Promise<string> {
  refuseHigherRole(ctx, wanted.defaultRole)
  const metadata = await discover(ctx.services, wanted.issuer)
  const id = wanted.reserved ?? newId()
  const [now, known] = [ctx.now(), { connection_id: id, team_id: ctx.team.id }]
  await ctx.transaction(async (tx) => {
    const isNew = await queries.claimName(tx, {
      ...{ id, team_id: ctx.team.id, kind: 'oidc', name: wanted.name, default_role: wanted.defaultRole },
      ...{ created_by: ctx.actor.name, created_at: now },
    })
    if (!isNew) throw nameTaken()
    await queries.insertOidc(tx, {
      ...{ ...known, issuer: metadata.issuer, client_id: wanted.clientId, metadata, metadata_at: now },
      client_secret_sealed: ctx.services.vault.seal(wanted.clientSecret, secretPlace(id)),
    })
    const data = { name: wanted.name, kind: 'oidc', issuer: metadata.issuer, defaultRole: wanted.defaultRole }
    await append(tx, { type: 'sign-in-connection.created', subject: { kind: 'sign-in-connection', id }, data })
  })
  return id
}

export async function changeConnection(
  ctx: TeamCtx,
  id: string,
  wanted: z.output<typeof ChangedSignInConnection>,
): Promise<void> {
  const { name, defaultRole, clientId, clientSecret } = wanted
  refuseHigherRole(ctx, defaultRole)
  await ctx.transaction(async (tx) => {
    const { name: nameBefore } = await findConnection(tx, id)
    if (name !== undefined && (await queries.isNameTaken(tx, name, id))) throw nameTaken()
    const changes = {
      ...(name === undefined ? {} : { name }),
      ...(defaultRole === undefined ? {} : { default_role: defaultRole }),
    }
    const oidc = {
      ...(clientId === undefined ? {} : { client_id: clientId }),
      ...(clientSecret ? { client_secret_sealed: ctx.services.vault.seal(clientSecret, secretPlace(id)) } : {}),
    }
    if (Object.keys(changes).length > 0) await queries.updateConnection(tx, id, changes)
    if (Object.keys(oidc).length > 0) await queries.updateOidc(tx, id, oidc)
    const settings = Object.entries(wanted).flatMap(([key, value]) => (value === undefined ? [] : [key]))
    const data = {
      name: name ?? nameBefore,
      settings: clientSecret ? settings : settings.filter((key) => key !== 'clientSecret'),
    }
    await append(tx, { type: 'sign-in-connection.changed', subject: { kind: 'sign-in-connection', id }, data })
  })
}

/** Nobody lets others become more than they are themselves. */
function refuseHigherRole(ctx: TeamCtx, role: DefaultRole | null | undefined): void {
  if (role && ![...permissionsOf[role]].every((permission) => ctx.may(permission)))
    throw new FieldError('defaultRole', 'Newcomers cannot be allowed more than you are')
}

/** Whoever came in by it is out at once; their accounts stay, with whatever else opens them. */
export const removeConnection = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { name } = await findConnection(tx, id)
    await queries.deleteConnection(tx, id)
    await append(tx, {
      type: 'sign-in-connection.removed',
      subject: { kind: 'sign-in-connection', id },
      data: { name },
    })
  })

/** @throws UserError 404, also for another team's */
export async function findConnection(tx: TeamTx, id: string): Promise<queries.OidcConnection> {
  const found = isId(id) && (await queries.maybeConnection(tx, id))
  if (!found) throw notFound('sign-in connection')
  return found
}

export const listConnections = (ctx: TeamCtx) =>
  ctx.reading(async (tx) => (await queries.connectionsOf(tx)).map((row) => shown(ctx.services.config, row)))

export const showConnection = (ctx: TeamCtx, id: string) =>
  ctx.reading(async (tx) => shown(ctx.services.config, await findConnection(tx, id)))

/** The secret never leaves again. */
const shown = ({ baseUrl }: PlatformConfig, row: queries.OidcConnection) => ({
  ...{ id: row.id, kind: row.kind as 'oidc', name: row.name, issuer: row.issuer, clientId: row.client_id }, // `as`: the table lets nothing else in
  ...{ defaultRole: row.default_role, createdBy: row.created_by, createdAt: row.created_at },
  redirectUrl: redirectUrlOf(baseUrl, row.id),
  signInUrl: baseUrl.origin + paths.signInBy(row.id),
})

/** For the page where one is made: what the provider has to be told before it gives the rest. */
export function reserveConnection({ services }: TeamCtx): { reserved: string; redirectUrl: string } {
  const reserved = newId()
  return { reserved, redirectUrl: redirectUrlOf(services.config.baseUrl, reserved) }
}

/** One for each connection, so that the answer of one provider cannot be passed off as another's (RFC 9700, 4.4). */
export const redirectUrlOf = (baseUrl: URL, id: string): string => baseUrl.origin + paths.signInByCallback(id)

export const secretPlace = (id: string) => ({ table: 'oidc_settings', id, column: 'client_secret_sealed' })

const nameTaken = () => new FieldError('name', 'Another sign-in connection of the team has this name')
