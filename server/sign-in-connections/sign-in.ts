import type { ServerMetadata } from 'openid-client'
import { teamOfDomain } from '../domain-claims/domain-claims.js'
import { beginFlow, claimFlow, domainOf, type Flow, requestIdOf } from '../identities/identities.js'
import { PersonCtx, type TeamCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { isId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { isMember } from '../teams/teams.js'
import { type Arrived, arrive, type From } from './arriving.js'
import { authorizationUrl, discover, type OidcClient, prove } from './oidc.js'
import * as queries from './queries.js'
import { recordingRefusal } from './refusals.js'
import { metadataMs, Refused, sourceOf } from './rules.js'
import { requestUrl, type SamlParties } from './saml.js'
import { addressesOf, secretPlace } from './sign-in-connections.js'

/** What a browser leaves with: where to, and the cookie that it has to come back with. */
export interface Leaving {
  readonly name: string
  readonly url: string
  readonly cookie: NewCookie
}

/** By its id alone, which is no secret: the page that it leads to is for who is not signed in yet. */
export async function findPublic(services: Services, id: string): Promise<queries.PublicConnection> {
  const found = isId(id) && (await services.db.asIdentity((db) => queries.maybePublic(db, id)))
  if (!found) throw notFound('sign-in connection')
  return found
}

/**
 * How people with such an address sign in: by the connections of the team that has proven its domain. @throws FieldError
 * where there are none, whether or not the address is anybody's
 */
export async function waysFor({ services }: VisitorCtx, email: string): Promise<{ id: string; name: string }[]> {
  const domain = domainOf(email)
  const ways = await services.db.asIdentity(async (db) => {
    const teamId = await teamOfDomain(db, domain)
    return teamId === undefined ? [] : queries.publicOf(db, teamId)
  })
  if (ways.length === 0)
    throw new FieldError('email', `No team signs in with addresses of ${domain}. Sign in with your password.`)
  return ways
}

export const beginSignIn = async (ctx: VisitorCtx, id: string, next: string, oldCookie?: string): Promise<Leaving> =>
  leave(ctx.services, await findPublic(ctx.services, id), { intent: 'sign-in', userId: null, next }, oldCookie)

/** For a member of its team who has an account of their own: from then on this way leads to it. */
export async function beginLink(ctx: PersonCtx, id: string, oldCookie?: string): Promise<Leaving> {
  const { services, actor } = ctx
  const connection = await findPublic(services, id)
  const userId = actor.kind === 'user' ? actor.id : null
  if (userId === null || !(await services.db.asIdentity((db) => isMember(db, connection.team_id, userId))))
    throw notFound('sign-in connection')
  refuseOwnSignIn(ctx, 'links no other')
  return leave(services, connection, { intent: 'link', userId, next: '/' }, oldCookie)
}

/** Signs in for real at the other side, and shows what came back; nothing here changes by it. */
export async function beginTrial(ctx: TeamCtx, id: string, oldCookie?: string): Promise<Leaving> {
  if (ctx.actor.kind !== 'user') throw forbidden('A sign-in is tried in a browser, by a person')
  const connection = await findPublic(ctx.services, id)
  if (connection.team_id !== ctx.team.id) throw notFound('sign-in connection')
  return leave(ctx.services, connection, { intent: 'trial', userId: ctx.actor.id, next: '/' }, oldCookie)
}

async function leave(
  services: Services,
  connection: queries.PublicConnection,
  wanted: Pick<Flow, 'intent' | 'userId' | 'next'>,
  oldCookie: string | undefined,
): Promise<Leaving> {
  const flow = { ...wanted, source: sourceOf(connection) }
  const begun = await services.db.asIdentity((db) => beginFlow(db, flow, oldCookie, services.clock()))
  const { redirect: redirectUrl } = addressesOf(services.config.baseUrl, connection.id)
  const state = begun.state.reveal()
  const url =
    connection.kind === 'saml'
      ? await requestUrl(partiesOf(services, connection), requestIdOf(state), state)
      : await authorizationUrl(services, await freshClient(services, connection), { ...begun, redirectUrl })
  return { name: connection.name, url, cookie: begun.cookie }
}

type Said = { code: string; state: string; iss: string; error: string }

/** 1. Whoever comes back is the one who left. 2. The provider says who they are. 3. They get what they left for. */
export async function finish(
  ctx: VisitorCtx,
  id: string,
  said: Said,
  from: From,
): Promise<Arrived & { connection: queries.PublicConnection }> {
  const { services } = ctx
  const connection = await findPublic(services, id)
  return recordingRefusal(ctx, connection, from.ip, async () => {
    const way = { state: said.state, cookie: from.flowCookie }
    const flow = await services.db.asIdentity((db) => claimFlow(db, sourceOf(connection), way, services.clock()))
    if (!flow || isOfAnother(ctx, flow)) throw new Refused('not-begun-here')
    const proof = flow.proof ?? (await proofOf(services, connection, flow, said))
    return { ...(await arrive(ctx, connection, { flow, proof, from })), connection }
  })
}

/** By SAML the provider has told before the browser came; where it has not, nobody was proven. */
async function proofOf(services: Services, connection: queries.PublicConnection, flow: Flow, said: Said) {
  if (connection.kind === 'saml') throw new Refused(said.error === '' ? 'not-begun-here' : 'stopped-there')
  const { redirect: redirectUrl } = addressesOf(services.config.baseUrl, connection.id)
  return prove(services, clientOf(services, connection), flow, { redirectUrl, said })
}

/** Who links or tries has to be signed in still, as the same person. */
const isOfAnother = (ctx: VisitorCtx, { userId }: Flow): boolean =>
  userId !== null && !(ctx instanceof PersonCtx && ctx.actor.id === userId)

/** A provider that does not answer just now is taken to be as it was. */
async function freshClient(services: Services, connection: queries.OidcConnection): Promise<OidcClient> {
  const now = services.clock()
  const oldSince = new Date(now.getTime() - metadataMs)
  if (connection.metadata_at > oldSince) return clientOf(services, connection)
  const isOurs = await services.db.asIdentity((db) => queries.claimRefresh(db, connection.id, oldSince, now))
  const found = isOurs && (await discover(services, connection.issuer).catch(() => null))
  if (!found) return clientOf(services, connection)
  await services.db.asIdentity((db) => queries.updateMetadata(db, connection.id, found))
  return clientOf(services, { ...connection, metadata: found })
}

const clientOf = ({ vault }: Services, row: queries.OidcConnection): OidcClient => ({
  metadata: row.metadata as ServerMetadata, // `as`: `discover` checked what it kept
  clientId: row.client_id,
  clientSecret: vault.open(row.client_secret_sealed, secretPlace(row.id)),
})

export const partiesOf = ({ config }: Services, row: queries.SamlConnection): SamlParties => ({
  ...{ entityId: row.entity_id, ssoUrl: row.sso_url, certificates: row.certificates },
  ...{ ownId: addressesOf(config.baseUrl, row.id).metadata, acsUrl: addressesOf(config.baseUrl, row.id).acs },
})
