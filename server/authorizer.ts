import type { IncomingMessage } from 'node:http'
import { identityOfKey, maybeKeyAccess } from './api-keys/api-keys.js'
import { knowDirectories } from './directories/directories.js'
import { paths } from './paths.js'
import { decide, within } from './platform/access/access.js'
import {
  type Authorizer,
  FactorRequired,
  type Identity,
  type SignedIn,
  type Target,
  teamItself,
} from './platform/access/authorizer.js'
import { type Closed, refuseClosed } from './platform/access/closed.js'
import { type Actor, TeamCtx, type TeamRef } from './platform/access/ctx.js'
import { isOfWholeTeam, type Permission } from './platform/access/permissions.js'
import { supportAccess } from './platform/access/support.js'
import { forbidden, notFound, UserError } from './platform/errors.js'
import { addressOf } from './platform/http/address.js'
import { readCookie } from './platform/http/cookies.js'
import type { Services } from './platform/services.js'
import { type Asked, askedOf } from './roles/roles.js'
import { identityReader, sessionCookie } from './sessions/sessions.js'
import { asVisitor, maybeVisit, teamOfVisit } from './support/support.js'

/** Who asks, by session or by key, and what they are in a team: asked anew for each request, remembered nowhere. */
export function createAuthorizer(services: Services): Authorizer {
  const ofSession = identityReader(services)
  const ofDirectory = knowDirectories(services)
  return {
    identify: (req, isUse = isAsked(req)) => identify(services, ofSession, req, isUse),
    teamCtx: (identity, slug, permission, target = teamItself) => teamCtx(services, identity, slug, permission, target),
    directoryCtx: async (req, directory) => {
      refuseKeyInAddress(req.url ?? '')
      return ofDirectory(req, directory)
    },
  }
}

async function identify(
  services: Services,
  ofSession: ReturnType<typeof identityReader>,
  req: IncomingMessage & { ip?: string },
  isUse: boolean,
): Promise<Identity> {
  refuseKeyInAddress(req.url ?? '')
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(req.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return identityOfKey(services, bearer, addressOf(req))
  const cookie = readCookie(req, sessionCookie, services.config.baseUrl)
  return cookie === undefined ? { kind: 'visitor' } : ofSession(cookie, isUse)
}

/** What a tab asks for by itself, streams and polls, keeps no session alive: whoever left it open may be gone (SE-04). */
const isAsked = ({ headers }: IncomingMessage): boolean =>
  headers['x-unasked'] === undefined && !headers.accept?.includes('text/event-stream')

/** Addresses end up in logs, histories and the Referer header; whoever puts a key there must hear of it (LG-05). */
function refuseKeyInAddress(url: string): void {
  if (!/hst_[\w-]{20}/.test(url) && !/[?&](api_?key|access_token)=/i.test(url)) return
  throw new UserError(
    400,
    'An API key does not belong in an address',
    'Send it as a header: Authorization: Bearer … And revoke this one: addresses are kept in logs.',
  )
}

/** Pages, API and streams all come through here, and nothing else decides. */
async function teamCtx(
  services: Services,
  identity: SignedIn,
  slug: string,
  permission: Permission,
  target: Target,
): Promise<TeamCtx> {
  const member = await maybeMember(services, identity, slug, target)
  if (!member) throw notFound('page')
  const { team, access, here } = member
  if (member.isShut) throw new FactorRequired(team.name)
  switch (decide(access, permission, here)) {
    case 'yes':
      refuseClosed(team, member.closed, permission)
      return TeamCtx.of(services, team, {
        actor: member.actor ?? identity.actor,
        access,
        address: target.address,
        here: 'id' in here ? here.id : null,
        isWhole: isOfWholeTeam(permission),
        listed: here.kind === 'list' ? permission : null,
      })
    case 'no':
      throw forbidden(`Your role in ${team.name} does not allow this: ask an owner or admin of the team`)
    case 'unseen':
      throw notFound('page')
  }
}

type Member = Asked & {
  readonly team: TeamRef
  readonly closed: Closed | null
  /** They owe a second factor that is required of them. */
  readonly isShut: boolean
  /** Where it is not simply who sent the request. */
  readonly actor?: Actor
}

async function maybeMember(
  services: Services,
  identity: SignedIn,
  slug: string,
  target: Target,
): Promise<Member | undefined> {
  if (identity.kind === 'person') {
    const found = identity.teams.find((team) => team.slug === slug)
    if (found?.wantsOwnSignIn) throw ownSignInNeeded(services, found)
    if (!found) return identity.isOperator ? maybeSupporter(services, identity, slug) : undefined
    const isShut = identity.shut.everywhere || identity.shut.teams.includes(found.id)
    const asked = await askedOf(services, found.id, found.holdings, target)
    return { team: teamOf(found), closed: found.closed, isShut, ...asked }
  }
  const { id } = identity.actor
  const found = id === null ? undefined : await maybeKeyAccess(services, id, slug)
  if (!found) return undefined
  const own = await askedOf(services, found.id, [found.key_holding], target)
  const known = { team: teamOf(found), closed: found.closed, isShut: found.is_shut }
  if (found.creator_holdings === null) return { ...known, ...own }
  const makers = await askedOf(services, found.id, found.creator_holdings, target)
  // Looked up by whichever of the two is held on a part of the team.
  const here = own.here.kind === 'team' ? makers.here : own.here
  return { ...known, access: within(own.access, makers.access), here }
}

/** Said to members alone: for everybody else the team is not there. */
const ownSignInNeeded = ({ config }: Services, { name }: TeamRef): UserError =>
  new UserError(
    403,
    `${name} is opened by its own sign-in alone`,
    `Sign in at ${config.baseUrl.origin}${paths.signInByAddress()} with your address there.`,
  )

/** An operator whom the team, or the panel's policy, has let in: asked anew for each request, as everything is. */
async function maybeSupporter(
  services: Services,
  { sessionId, actor, shut, proofs }: Extract<SignedIn, { kind: 'person' }>,
  slug: string,
): Promise<Member | undefined> {
  const visit = await maybeVisit(services, sessionId, slug)
  if (!visit || actor.kind !== 'user') return undefined
  return {
    team: teamOfVisit(visit),
    closed: visit.closed,
    isShut: shut.everywhere || (visit.requires_factor && !proofs.hasFactor),
    access: supportAccess,
    here: { kind: 'team' },
    actor: asVisitor(actor, visit),
  }
}

const teamOf = ({ id, slug, name }: TeamRef): TeamRef => ({ id, slug, name })
