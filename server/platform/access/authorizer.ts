import type { IncomingMessage } from 'node:http'
import { forbidden, UserError } from '../errors.js'
import type { Can, CtxFor } from '../http/route.js'
import type { Services } from '../services.js'
import type { Holding } from './access.js'
import type { Closed } from './closed.js'
import { type Actor, HalfCtx, PersonCtx, type TeamCtx, type TeamRef, VisitorCtx } from './ctx.js'
import type { Permission } from './permissions.js'
import type { Role } from './roles.js'
import type { Proofs } from './step-up.js'

/** Who sent a request, before asking what they may do. */
export type Identity =
  | { readonly kind: 'visitor' }
  | {
      /** Has given the password, or what stands for it, and still owes the second factor: a visitor to nearly every route. */
      readonly kind: 'half'
      readonly actor: Actor
      readonly sessionId: string
      readonly csrfToken: string
    }
  | {
      readonly kind: 'person'
      readonly actor: Actor
      readonly isOperator: boolean
      /** Has not shown yet that their address is theirs: only the page that says so is open. */
      readonly isUnverified?: boolean
      readonly sessionId: string
      /** Of the team's sign-in connection that the session was begun by, if it was by one. */
      readonly connectionId?: string | null
      /** Bound to the session: kept with it, never derived from something a page shows. */
      readonly csrfToken: string
      readonly proofs: Proofs
      /** Has no second factor, and these ask for one: shut until there is (MF-08). */
      readonly shut: Shut
      /** By name. Read together with the session, anew for each request: a demotion holds from the next one (AZ-09). */
      readonly teams: readonly TeamWithRole[]
    }
  | {
      readonly kind: 'api-key'
      readonly actor: Actor
      /** It may stand where everybody reads it: it opens what routes publish, and nothing else. */
      readonly isPublishable: boolean
    }

/** `role` is the one on the whole team, if they hold one; `holdings` are all, that one included. */
export type TeamWithRole = TeamRef & {
  readonly role: Role | null
  readonly holdings: readonly Holding[]
  readonly closed: Closed | null
  /** Its pages are closed to this session, which another sign-in than the team's own began. Left out: they are not. */
  readonly wantsOwnSignIn?: boolean
}

/** Where a second factor is required of somebody who has none. */
export interface Shut {
  /** The panel asks for it. */
  readonly everywhere: boolean
  /** By the id of a team. */
  readonly teams: readonly string[]
}

/** Where a request goes and comes from. What the names in its address mean, the features know. */
export interface Target {
  readonly params: Readonly<Record<string, string>>
  /** It changes nothing. */
  readonly isReading: boolean
  /** An IP address; null for what no request brought. */
  readonly address: string | null
}

/** A page of the team itself. */
export const teamItself: Target = { params: {}, isReading: true, address: null }

/** What the platform asks of the features that know people. Pages, API, streams and WebSockets all pass through it. */
export interface Authorizer {
  /**
   * Reads the session cookie or the bearer key. A request that shows a key is judged by the key alone: a bad one is a
   * `UserError(401)`, never a fall back to the cookie, because a key also frees the request from the CSRF check.
   * @param isUse whether it keeps a session alive (SE-04); left out, as its headers say
   */
  identify(req: IncomingMessage, isUse?: boolean): Promise<Identity>
  /** Throws 404 for a team that the caller is no member of (or that is not there: the same words), 403 for a member without the permission. */
  teamCtx(identity: SignedIn, teamSlug: string, permission: Permission, target?: Target): Promise<TeamCtx>
  /**
   * The directory that the address names, by the bearer token that was made for it; nothing else of the request is looked
   * at. Throws 401 for any other token, and for a directory that is not there (the same words); 429 for too many at once.
   */
  directoryCtx(req: IncomingMessage, directory: string): Promise<TeamCtx>
}

/** Where the database says that something was taken away from somebody (migration 0153): open streams ask again. */
export const accessChannel = 'hostler_access'

export type SignedIn = Exclude<Identity, { kind: 'visitor' | 'half' }>

/** Not signed in, where one has to be. Pages turn it into a way to `/sign-in`, the API into 401. */
export class SignInNeeded extends UserError {
  constructor() {
    super(401, 'Sign in to see this', 'API clients send a key: Authorization: Bearer …')
    this.name = 'SignInNeeded'
  }
}

/** Pages turn it into a way to where the address is proven. */
export class AddressUnverified extends UserError {
  constructor() {
    super(403, 'Your address is not confirmed yet', 'Open the link in the mail that was sent to you.')
    this.name = 'AddressUnverified'
  }
}

/** Half signed in: refused as a visitor is, but that pages lead to where the second factor is asked for. */
export class FactorNeeded extends SignInNeeded {
  constructor() {
    super()
    this.name = 'FactorNeeded'
  }
}

/** Without a second factor, where one is required. Pages lead to where it is set up. */
export class FactorRequired extends UserError {
  constructor(who: string) {
    super(
      403,
      `${who} requires a second factor, and you have none yet`,
      'Set one up on your account’s Sign-in page: an authenticator app or a passkey. Then everything is as before.',
    )
    this.name = 'FactorRequired'
  }
}

/**
 * The one place where a caller becomes a ctx. Throws `SignInNeeded`, 404 for strangers, 403 for members who lack the
 * permission, `AddressUnverified`; operator pages are 404 for everyone else.
 */
export async function authorize<C extends Can>(
  services: Services,
  authorizer: Authorizer,
  identity: Identity,
  can: C,
  target: Target,
): Promise<CtxFor<C>> {
  // `as`: each branch makes the ctx that CtxFor names for that `can`; TypeScript cannot narrow C by testing `can`.
  return (await ctxFor(services, authorizer, identity, can, target)) as CtxFor<C>
}

async function ctxFor(
  services: Services,
  authorizer: Authorizer,
  identity: Identity,
  can: Can,
  target: Target,
): Promise<VisitorCtx | TeamCtx> {
  const { address } = target
  if (can === 'half-signed-in' && identity.kind === 'half') return HalfCtx.of(services, identity, address)
  if (identity.kind === 'visitor' || identity.kind === 'half') {
    if (can === 'anyone') return VisitorCtx.make(services, address)
    throw identity.kind === 'half' ? new FactorNeeded() : new SignInNeeded()
  }
  // Those who may open it are asked elsewhere (`serveScim`).
  if (can === 'half-signed-in' || can === 'directory') throw new UserError(404, 'There is no such page')
  if (can === 'anyone' || can === 'unverified') return personCtx(services, identity, address)
  if (identity.kind === 'person' && identity.isUnverified) throw new AddressUnverified()
  if (can === 'signed-in') return personCtx(services, identity, address)
  if (can === 'operator') {
    if (identity.kind !== 'person' || !identity.isOperator) throw new UserError(404, 'There is no such page')
    if (identity.shut.everywhere) throw new FactorRequired('This panel')
    return personCtx(services, identity, address)
  }
  if (target.params.team === undefined) throw forbidden(`No team was named for ${can}`)
  return authorizer.teamCtx(identity, target.params.team, can, target)
}

function personCtx(services: Services, identity: SignedIn, address: string | null): PersonCtx {
  if (identity.kind === 'api-key') {
    return PersonCtx.of(services, { actor: identity.actor, isOperator: false, sessionId: null }, address)
  }
  return PersonCtx.of(services, identity, address)
}
