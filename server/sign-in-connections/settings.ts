import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { permissionsOf } from '../platform/access/roles.js'
import { FieldError, forbidden } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { fingerprintOfSealed } from '../platform/events/fingerprint.js'
import { newId } from '../platform/ids.js'
import { allowsMore, roleOf } from '../roles/roles.js'
import { lockTeam } from '../teams/teams.js'
import { discover } from './oidc.js'
import * as queries from './queries.js'
import type { DefaultRole } from './rules.js'
import { certificateFacts, readMetadata } from './saml-metadata.js'
import type { ChangedSignInConnection, NewSignInConnection } from './schema.js'
import { findConnection, secretPlace } from './sign-in-connections.js'

type Wanted = z.output<typeof NewSignInConnection>
type Change = z.output<typeof ChangedSignInConnection>
type Insert = (tx: TeamTx, id: string) => Promise<void>

/** The provider is asked first what it is; nothing is kept of one that does not answer. */
export async function addConnection(ctx: TeamCtx, wanted: Wanted): Promise<string> {
  refuseHigherRole(ctx, wanted.defaultRole)
  const { provider, insert } = await (wanted.kind === 'oidc' ? oidcOf(ctx, wanted) : samlOf(ctx, wanted))
  const { kind, name, defaultRole } = wanted
  const id = wanted.reserved ?? newId()
  await ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    const isNew = await queries.claimName(tx, {
      ...{ id, team_id: ctx.team.id, kind, name, default_role: defaultRole },
      ...{ created_by: ctx.actor.name, created_at: ctx.now() },
    })
    if (!isNew) throw nameTaken()
    await insert(tx, id)
    const subject = { kind: 'sign-in-connection', id }
    await append(tx, { type: 'sign-in-connection.created', subject, data: { name, kind, provider, defaultRole } })
  })
  return id
}

async function oidcOf(ctx: TeamCtx, wanted: Wanted & { kind: 'oidc' }): Promise<{ provider: string; insert: Insert }> {
  const metadata = await discover(ctx.services, wanted.issuer)
  const { issuer } = metadata
  const insert: Insert = (tx, id) =>
    queries.insertOidc(tx, {
      ...{ connection_id: id, team_id: ctx.team.id, issuer, client_id: wanted.clientId, metadata },
      client_secret_sealed: ctx.services.vault.seal(wanted.clientSecret, secretPlace(id)),
      metadata_at: ctx.now(),
    })
  return { provider: issuer, insert }
}

async function samlOf(ctx: TeamCtx, wanted: Wanted & { kind: 'saml' }): Promise<{ provider: string; insert: Insert }> {
  const said = await samlColumns(ctx, wanted.metadata)
  const insert: Insert = (tx, id) => queries.insertSaml(tx, { connection_id: id, team_id: ctx.team.id, ...said })
  return { provider: said.entity_id, insert }
}

async function samlColumns(ctx: TeamCtx, metadata: string) {
  const { entityId, ssoUrl, certificates } = await readMetadata(ctx.services, metadata)
  return { entity_id: entityId, sso_url: ssoUrl, certificates: [...certificates], changed_at: ctx.now() }
}

export async function changeConnection(ctx: TeamCtx, id: string, wanted: Change): Promise<void> {
  refuseHigherRole(ctx, wanted.defaultRole)
  const saml = wanted.metadata ? await samlColumns(ctx, wanted.metadata) : undefined
  await ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    const connection = await findConnection(tx, id)
    refuseForeignFields(connection.kind, wanted)
    if (wanted.name !== undefined && (await queries.isNameTaken(tx, wanted.name, id))) throw nameTaken()
    if (saml && connection.kind === 'saml' && saml.entity_id !== connection.entity_id)
      throw new FieldError('metadata', 'This is the metadata of another provider. Make a connection of its own for it.')
    await update(tx, connection.id, wanted)
    if (saml) await queries.updateSaml(tx, id, saml)
    const changed = await findConnection(tx, id)
    const { settings, ...facts } = differenceOf(factsOf(ctx, connection), factsOf(ctx, changed))
    if (settings.length === 0) return
    if (settings.some((setting) => whoIs.has(setting))) await refuseStronger(tx, changed)
    const data = { name: changed.name, settings, ...facts }
    await append(tx, { type: 'sign-in-connection.changed', subject: { kind: 'sign-in-connection', id }, data })
  })
}

/** What says who somebody is. Another secret of the same client at the same provider does not. */
const whoIs = new Set(['address', 'certificates', 'clientId'])

/**
 * Whoever chooses the provider can come in as anybody who signs in by it, and as a newcomer: so nobody changes that of people
 * who may do more than they. @throws UserError 403
 */
async function refuseStronger(tx: TeamTx, { id, default_role }: queries.Connection): Promise<void> {
  refuseHigherRole(tx.ctx, default_role)
  const held = await queries.holdingsOfPeople(tx, id)
  const isMore = held.some(({ role, permissions, on }) => {
    const given = roleOf({ role, role_id: null, own_name: null, own_permissions: permissions && [...permissions] })
    return allowsMore(tx.ctx, given, on ?? { kind: 'team' })
  })
  if (isMore)
    throw forbidden('Somebody who signs in by this connection may do more here than you: ask an owner to change this')
}

type Facts = Readonly<Record<string, string | null>>

/** What the log may say of it: of the secret a fingerprint, as of the certificates by which its answers are believed. */
function factsOf({ services: { vault } }: TeamCtx, row: queries.Connection): Facts {
  const named = { name: row.name, defaultRole: row.default_role }
  if (row.kind === 'saml')
    return {
      ...{ ...named, address: row.sso_url },
      certificates: row.certificates.map((pem) => certificateFacts(pem).fingerprint).join(' '),
    }
  const clientSecret = fingerprintOfSealed(vault, row.client_secret_sealed, secretPlace(row.id), row.team_id)
  return { ...named, clientId: row.client_id, clientSecret }
}

function differenceOf(before: Facts, after: Facts) {
  const settings = Object.keys(after).filter((key) => before[key] !== after[key])
  const those = (facts: Facts) => Object.fromEntries(settings.map((key) => [key, facts[key] ?? null]))
  return { settings, before: those(before), after: those(after) }
}

async function update(tx: TeamTx, id: string, { name, defaultRole, clientId, clientSecret }: Change): Promise<void> {
  const { vault } = tx.ctx.services
  const named = {
    ...(name === undefined ? {} : { name }),
    ...(defaultRole === undefined ? {} : { default_role: defaultRole }),
  }
  const oidc = {
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(clientSecret ? { client_secret_sealed: vault.seal(clientSecret, secretPlace(id)) } : {}),
  }
  if (Object.keys(named).length > 0) await queries.updateConnection(tx, id, named)
  if (Object.keys(oidc).length > 0) await queries.updateOidc(tx, id, oidc)
}

function refuseForeignFields(kind: queries.Connection['kind'], { clientId, clientSecret, metadata }: Change): void {
  if (kind === 'oidc' && metadata)
    throw new FieldError('metadata', 'An OpenID provider is asked for its metadata by itself')
  if (kind === 'saml' && (clientId !== undefined || clientSecret))
    throw new FieldError('clientId', 'By SAML there is no client')
}

/** Nobody lets others become more than they are themselves. */
function refuseHigherRole(ctx: TeamCtx, role: DefaultRole | null | undefined): void {
  if (role && ![...permissionsOf[role]].every((permission) => ctx.may(permission)))
    throw new FieldError('defaultRole', 'Newcomers cannot be allowed more than you are')
}

const nameTaken = () => new FieldError('name', 'Another sign-in connection of the team has this name')
