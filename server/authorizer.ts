import type { IncomingMessage } from 'node:http'
import { identityOfKey, maybeKeyAccess } from './api-keys/api-keys.js'
import type { Authorizer, Identity, SignedIn } from './platform/access/authorizer.js'
import { TeamCtx, type TeamRef } from './platform/access/ctx.js'
import { lesserRole, type Permission, type Role, roleAllows } from './platform/access/roles.js'
import { forbidden, notFound, UserError } from './platform/errors.js'
import { readCookie } from './platform/http/cookies.js'
import type { Services } from './platform/services.js'
import { identityOfSession, sessionCookie } from './sessions/sessions.js'

/** Who asks, by session or by key, and what they are in a team: asked anew for each request, remembered nowhere. */
export const createAuthorizer = (services: Services): Authorizer => ({
  identify: (req) => identify(services, req),
  teamCtx: (identity, slug, permission) => teamCtx(services, identity, slug, permission),
})

async function identify(services: Services, req: IncomingMessage): Promise<Identity> {
  refuseKeyInAddress(req.url ?? '')
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(req.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return identityOfKey(services, bearer)
  const cookie = readCookie(req, sessionCookie, services.config.baseUrl)
  return cookie === undefined ? { kind: 'visitor' } : identityOfSession(services, cookie)
}

/** Addresses end up in logs, histories and the Referer header; whoever puts a key there must hear of it (LG-05). */
function refuseKeyInAddress(url: string): void {
  if (!/hst_[\w-]{20}/.test(url) && !/[?&](api_?key|access_token)=/i.test(url)) return
  throw new UserError(
    400,
    'An API key does not belong in an address',
    'Send it as a header: Authorization: Bearer … And revoke this one: addresses are kept in logs.',
  )
}

async function teamCtx(services: Services, identity: SignedIn, slug: string, permission: Permission): Promise<TeamCtx> {
  const access = await maybeAccess(services, identity, slug)
  if (!access) throw notFound('page')
  if (!access.role || !roleAllows(access.role, permission))
    throw forbidden(`Your role in ${access.team.name} does not allow this: ask an owner or admin of the team`)
  return TeamCtx.of(services, identity.actor, access.team, access.role)
}

async function maybeAccess(
  services: Services,
  identity: SignedIn,
  slug: string,
): Promise<{ team: TeamRef; role: Role | null } | undefined> {
  if (identity.kind === 'person') {
    const found = identity.teams.find((team) => team.slug === slug)
    return found && { team: teamOf(found), role: found.role }
  }
  const { id } = identity.actor
  const found = id === null ? undefined : await maybeKeyAccess(services, id, slug)
  return found && { team: teamOf(found), role: lesserRole(found.key_role, found.creator_role) }
}

const teamOf = ({ id, slug, name }: TeamRef): TeamRef => ({ id, slug, name })
