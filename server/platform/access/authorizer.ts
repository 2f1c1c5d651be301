import type { IncomingMessage } from 'node:http'
import { forbidden, UserError } from '../errors.js'
import type { Can, CtxFor } from '../http/route.js'
import type { Services } from '../services.js'
import { type Actor, PersonCtx, type TeamCtx, type TeamRef, VisitorCtx } from './ctx.js'
import type { Permission, Role } from './roles.js'

/** Who sent a request, before asking what they may do. */
export type Identity =
  | { readonly kind: 'visitor' }
  | {
      readonly kind: 'person'
      readonly actor: Actor
      readonly isOperator: boolean
      readonly sessionId: string
      /** Bound to the session: kept with it, never derived from something a page shows. */
      readonly csrfToken: string
      /** By name. Read together with the session, anew for each request: a demotion holds from the next one (AZ-09). */
      readonly teams: readonly TeamWithRole[]
    }
  | { readonly kind: 'api-key'; readonly actor: Actor }

export type TeamWithRole = TeamRef & { readonly role: Role }

/** What the platform asks of the features that know people. Pages, API, streams and WebSockets all pass through it. */
export interface Authorizer {
  /**
   * Reads the session cookie or the bearer key. A request that shows a key is judged by the key alone: a bad one is a
   * `UserError(401)`, never a fall back to the cookie, because a key also frees the request from the CSRF check.
   */
  identify(req: IncomingMessage): Promise<Identity>
  /** Throws 404 for a team that the caller is no member of (or that is not there: the same words), 403 for a member without the permission. */
  teamCtx(identity: SignedIn, teamSlug: string, permission: Permission): Promise<TeamCtx>
}

export type SignedIn = Exclude<Identity, { kind: 'visitor' }>

/** Not signed in, where one has to be. Pages turn it into a way to `/sign-in`, the API into 401. */
export class SignInNeeded extends UserError {
  constructor() {
    super(401, 'Sign in to see this', 'API clients send a key: Authorization: Bearer …')
    this.name = 'SignInNeeded'
  }
}

/**
 * The one place where a caller becomes a ctx. Throws `SignInNeeded`, 404 for strangers, 403 for members who lack the
 * permission; operator pages are 404 for everyone else.
 */
export async function authorize<C extends Can>(
  services: Services,
  authorizer: Authorizer,
  identity: Identity,
  can: C,
  teamSlug: string | undefined,
): Promise<CtxFor<C>> {
  // `as`: each branch makes the ctx that CtxFor names for that `can`; TypeScript cannot narrow C by testing `can`.
  return (await ctxFor(services, authorizer, identity, can, teamSlug)) as CtxFor<C>
}

async function ctxFor(
  services: Services,
  authorizer: Authorizer,
  identity: Identity,
  can: Can,
  teamSlug: string | undefined,
): Promise<VisitorCtx | TeamCtx> {
  if (can === 'anyone') return identity.kind === 'visitor' ? VisitorCtx.make(services) : personCtx(services, identity)
  if (identity.kind === 'visitor') throw new SignInNeeded()
  if (can === 'signed-in') return personCtx(services, identity)
  if (can === 'operator') {
    if (identity.kind !== 'person' || !identity.isOperator) throw new UserError(404, 'There is no such page')
    return personCtx(services, identity)
  }
  if (teamSlug === undefined) throw forbidden(`No team was named for ${can}`)
  return authorizer.teamCtx(identity, teamSlug, can)
}

function personCtx(services: Services, identity: SignedIn): PersonCtx {
  if (identity.kind === 'api-key') {
    return PersonCtx.of(services, { actor: identity.actor, isOperator: false, sessionId: null })
  }
  return PersonCtx.of(services, identity)
}
