import { lockDirectory, takeAllRoles } from '../directories/directories.js'
import { paths } from '../paths.js'
import type { TeamCtx, TeamTx, VisitorCtx } from '../platform/access/ctx.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import type { PlatformConfig } from '../platform/services.js'
import * as queries from './queries.js'
import { certificateFacts } from './saml-metadata.js'

export type { From } from './arriving.js'
export { authorizationUrl, type Begun, type CameBack, discover, grantCode, type OidcClient, prove } from './oidc.js'
export { leavePage } from './pages.js'
export { metadataMs, Refused } from './rules.js'
export { Begin, Callback, CallbackQuery } from './schema.js'

/**
 * Whoever came in by it is out at once; their accounts stay, with whatever else opens them. So do those in the team whom
 * its directory put there, without what they held by its groups.
 */
export const removeConnection = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    await lockDirectory(tx.db, id, ctx.team.id)
    const { name } = await findConnection(tx, id)
    await refuseRequired(tx, id)
    const taken = await takeAllRoles(tx.db, ctx, { directory: id })
    await queries.deleteConnection(tx, id)
    const subject = { kind: 'sign-in-connection', id }
    await append(tx, { type: 'sign-in-connection.removed', subject, data: { name } })
    for (const event of taken) await append(tx, event)
  })

/** Else the team would be shut to everybody, or open to every password. */
async function refuseRequired(tx: TeamTx, id: string): Promise<void> {
  if (await queries.isNeeded(tx, id))
    throw conflict('The team opens to this sign-in alone', 'Require it no longer first, then remove it.')
}

/** @throws UserError 404, also for another team's */
export async function findConnection(tx: TeamTx, id: string): Promise<queries.Connection> {
  const found = isId(id) && (await queries.maybeConnection(tx, id))
  if (!found) throw notFound('sign-in connection')
  return found
}

export const listConnections = (ctx: TeamCtx) => ctx.reading(listConnectionsIn)

/** The same in a transaction that decides by them. */
export const listConnectionsIn = async (tx: TeamTx) =>
  (await queries.connectionsOf(tx)).map((row) => shown(tx.ctx.services.config, row))

export const showConnection = (ctx: TeamCtx, id: string) =>
  ctx.reading(async (tx) => shown(ctx.services.config, await findConnection(tx, id)))

/** The secret never leaves again. */
function shown({ baseUrl }: PlatformConfig, row: queries.Connection) {
  const addresses = addressesOf(baseUrl, row.id)
  return {
    ...{ id: row.id, kind: row.kind, name: row.name, provider: row.kind === 'oidc' ? row.issuer : row.entity_id },
    ...{ defaultRole: row.default_role, createdBy: row.created_by, createdAt: row.created_at },
    signInUrl: addresses.signIn,
    oidc: row.kind === 'oidc' ? { clientId: row.client_id, redirectUrl: addresses.redirect } : null,
    saml: row.kind === 'saml' ? samlFacts(row, addresses) : null,
  }
}

const samlFacts = (row: queries.SamlConnection, { acs, metadata }: ReturnType<typeof addressesOf>) => ({
  ...{ acsUrl: acs, entityId: metadata, ssoUrl: row.sso_url },
  certificates: row.certificates.map(certificateFacts),
})

/** For the page where one is made: what the provider has to be told before it gives the rest. */
export function reserveConnection({ services }: TeamCtx) {
  const reserved = newId()
  return { reserved, addresses: addressesOf(services.config.baseUrl, reserved) }
}

/**
 * Each connection has its own, so that the answer of one provider cannot be passed off as another's (RFC 9700, 4.4). What
 * we are called by SAML is where we say who we are.
 */
export const addressesOf = ({ origin }: URL, id: string) => ({
  signIn: origin + paths.signInBy(id),
  redirect: origin + paths.signInByCallback(id),
  acs: origin + paths.signInBySaml(id),
  metadata: origin + paths.signInByMetadata(id),
})

export const secretPlace = (id: string) => ({ table: 'oidc_settings', id, column: 'client_secret_sealed' })

/** How somebody signs in who was invited to that team. */
export const waysOf = ({ services }: VisitorCtx, teamId: string): Promise<{ id: string; name: string }[]> =>
  services.db.asIdentity((db) => queries.publicOf(db, teamId))
