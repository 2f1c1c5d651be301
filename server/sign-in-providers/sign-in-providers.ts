import {
  beginFlow,
  claimFlow,
  type Flow,
  flowCookie,
  identityUsed,
  linkIdentity,
  maybeIdentity,
  type Proof,
  releaseIdentity,
} from '../identities/identities.js'
import { paths } from '../paths.js'
import { PersonCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import { conflict, notFound, UserError } from '../platform/errors.js'
import { noteRefusal, visitor } from '../platform/events/refusals.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Services } from '../platform/services.js'
import { endOtherSessions, replaceSession } from '../sessions/sessions.js'
import { type From, Refused } from '../sign-in-connections/sign-in-connections.js'
import { findSelf, maybeUser } from '../users/users.js'
import { type ProviderClient, type ProviderName, providerNames, providers } from './providers.js'

export { type ProviderName, providerNames } from './providers.js'

/** Those that whoever runs the panel has set up. */
export const waysOf = ({ config }: Services) =>
  providerNames.filter((name) => config.signInProviders?.[name]).map((name) => ({ name, label: providers[name].label }))

/** Where they leave from. */
interface Leaving {
  readonly ip: string
  cookie(name: string): string | undefined
}

export const beginSignIn = (ctx: VisitorCtx, name: ProviderName, next: string, from: Leaving) =>
  leave(ctx, name, { intent: 'sign-in', userId: null, next }, from)

export async function beginLink(ctx: PersonCtx, name: ProviderName, from: Leaving) {
  const { id } = await findSelf(ctx)
  refuseOwnSignIn(ctx, 'links no other')
  return leave(ctx, name, { intent: 'link', userId: id, next: paths.profile() }, from)
}

async function leave(
  ctx: VisitorCtx,
  name: ProviderName,
  wanted: Pick<Flow, 'intent' | 'userId' | 'next'>,
  from: Leaving,
) {
  const { services } = ctx
  const client = clientOf(services, name)
  const flow = { ...wanted, source: sourceOf(name) }
  const begun = await services.db.asIdentity((db) => beginFlow(db, flow, from.cookie(flowCookie), services.clock()))
  const url = await recordingRefusal(ctx, name, from.ip, () =>
    providers[name].url(services, client, { ...begun, redirectUrl: redirectOf(services, name) }),
  )
  return { name: providers[name].label, url, cookie: begun.cookie }
}

export type Arrived =
  | { readonly kind: 'signed-in'; readonly session: NewCookie; readonly next: string }
  | { readonly kind: 'linked'; readonly label: string }

/** Whoever comes back is the one who left, and is known by their number there, never by an address. */
export async function finish(
  ctx: VisitorCtx,
  name: ProviderName,
  said: { code: string; state: string; iss: string; error: string },
  from: From,
): Promise<Arrived> {
  const { services } = ctx
  const client = clientOf(services, name)
  return recordingRefusal(ctx, name, from.ip, async () => {
    const way = { state: said.state, cookie: from.flowCookie }
    const flow = await services.db.asIdentity((db) => claimFlow(db, sourceOf(name), way, services.clock()))
    const isAnother = flow?.userId != null && !(ctx instanceof PersonCtx && ctx.actor.id === flow.userId)
    if (!flow || isAnother) throw new Refused('not-begun-here')
    const proof = await providers[name].prove(services, client, flow, { redirectUrl: redirectOf(services, name), said })
    if (flow.intent === 'link' && ctx instanceof PersonCtx) return link(ctx, name, proof)
    return { kind: 'signed-in', session: await signIn(ctx, name, proof, from), next: flow.next }
  })
}

async function recordingRefusal<T>(
  ctx: VisitorCtx,
  name: ProviderName,
  ip: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    await record(ctx, name, ip, error)
    throw refusal(providers[name].label, error)
  }
}

const signIn = (ctx: VisitorCtx, name: ProviderName, proof: Proof, from: From): Promise<NewCookie> =>
  ctx.services.db.asIdentity(async (db) => {
    const known = await maybeIdentity(db, sourceOf(name), proof.subject)
    const user = known?.user_id ? await maybeUser(db, known.user_id) : undefined
    if (!known || user?.disabled_at !== null) throw new Refused('not-invited')
    // Unlinked in the same moment.
    if ((await identityUsed(db, known.id, proof, ctx.now())) === 0) throw new Refused('not-invited')
    return replaceSession(db, user, from, ctx.now(), { by: name, factor: false })
  })

async function link(ctx: PersonCtx, name: ProviderName, proof: Proof): Promise<Arrived> {
  const user = await findSelf(ctx)
  const { label } = providers[name]
  await ctx.services.db.asIdentity(async (db) => {
    await releaseIdentity(db, sourceOf(name), proof.subject)
    const known = await maybeIdentity(db, sourceOf(name), proof.subject)
    if (known && known.user_id !== user.id)
      throw conflict(
        `Somebody signs in with that account of ${label} already`,
        'One account there belongs to one person here.',
      )
    if (known) return
    await linkIdentity(db, user, { source: sourceOf(name), proof, via: label, address: ctx.address }, ctx.now())
    await endOtherSessions(db, ctx)
  })
  return { kind: 'linked', label }
}

const record = ({ services }: VisitorCtx, name: ProviderName, address: string, { reason, detail }: Refused) => {
  const data = { by: name, refusal: reason, detail }
  const event = { type: 'session.refused', subject: { kind: 'user', id: null }, data, address } as const
  return noteRefusal(services, { teamId: null, actor: visitor, event, about: `${name} ${reason}` })
}

function refusal(label: string, { reason }: Refused): UserError {
  if (reason === 'unreachable') return new UserError(502, `${label} cannot be reached now`, 'Try again in a while.')
  if (reason === 'not-invited')
    return new UserError(
      403,
      `Nobody here has linked that account of ${label}`,
      'Sign in as you did before, and link it on your profile.',
    )
  return new UserError(403, `${label} did not sign you in`, 'Begin again, in one browser and with cookies on.')
}

const sourceOf = (provider: ProviderName) => ({ provider, connection_id: null })

const redirectOf = ({ config }: Services, name: ProviderName): string =>
  config.baseUrl.origin + paths.signInWithCallback(name)

/** @throws UserError 404 where it is not set up */
function clientOf({ config }: Services, name: ProviderName): ProviderClient {
  const client = config.signInProviders?.[name]
  if (!client) throw notFound('page')
  return client
}
