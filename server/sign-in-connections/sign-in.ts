import type { ServerMetadata } from 'openid-client'
import { beginFlow, claimFlow, type Flow } from '../identities/identities.js'
import { PersonCtx, type TeamCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { forbidden, notFound } from '../platform/errors.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { isId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { connectionOfSession } from '../sessions/sessions.js'
import { isMember } from '../teams/teams.js'
import { type Arrived, arrive, type From, sourceOf } from './arriving.js'
import { authorizationUrl, discover, type OidcClient, prove } from './oidc.js'
import * as queries from './queries.js'
import { recordingRefusal } from './refusals.js'
import { metadataMs, Refused } from './rules.js'
import { redirectUrlOf, secretPlace } from './sign-in-connections.js'

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

export const beginSignIn = async (ctx: VisitorCtx, id: string, next: string, oldCookie?: string): Promise<Leaving> =>
  leave(ctx.services, await findPublic(ctx.services, id), { intent: 'sign-in', userId: null, next }, oldCookie)

/** For a member of its team who has an account of their own: from then on this way leads to it. */
export async function beginLink(ctx: PersonCtx, id: string, oldCookie?: string): Promise<Leaving> {
  const { services, actor } = ctx
  const connection = await findPublic(services, id)
  const userId = actor.kind === 'user' ? actor.id : null
  if (userId === null || !(await services.db.asIdentity((db) => isMember(db, connection.team_id, userId))))
    throw notFound('sign-in connection')
  if ((await connectionOfSession(ctx)) !== null)
    throw forbidden('You are signed in by a team’s own sign-in, which links no other: sign in with your password first')
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
  const client = await freshClient(services, connection)
  const flow = { ...wanted, source: sourceOf(connection) }
  const begun = await services.db.asIdentity((db) => beginFlow(db, flow, oldCookie, services.clock()))
  const redirectUrl = redirectUrlOf(services.config.baseUrl, connection.id)
  const url = await authorizationUrl(services, client, { ...begun, redirectUrl })
  return { name: connection.name, url, cookie: begun.cookie }
}

/** 1. Whoever comes back is the one who left. 2. The provider says who they are. 3. They get what they left for. */
export async function finish(
  ctx: VisitorCtx,
  id: string,
  said: { code: string; state: string; iss: string; error: string },
  from: From,
): Promise<Arrived & { connection: queries.PublicConnection }> {
  const { services } = ctx
  const connection = await findPublic(services, id)
  return recordingRefusal(ctx, connection, from.ip, async () => {
    const way = { state: said.state, cookie: from.flowCookie }
    const flow = await services.db.asIdentity((db) => claimFlow(db, sourceOf(connection), way, services.clock()))
    if (!flow || isOfAnother(ctx, flow)) throw new Refused('not-begun-here')
    const redirectUrl = redirectUrlOf(services.config.baseUrl, id)
    const proof = await prove(services, clientOf(services, connection), flow, { redirectUrl, said })
    return { ...(await arrive(ctx, connection, { flow, proof, from })), connection }
  })
}

/** Who links or tries has to be signed in still, as the same person. */
const isOfAnother = (ctx: VisitorCtx, { userId }: Flow): boolean =>
  userId !== null && !(ctx instanceof PersonCtx && ctx.actor.id === userId)

/** A provider that does not answer just now is taken to be as it was. */
async function freshClient(services: Services, connection: queries.PublicConnection): Promise<OidcClient> {
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
