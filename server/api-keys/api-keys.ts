import { createHash, randomBytes } from 'node:crypto'
import type { Identity } from '../platform/access/authorizer.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import { FieldError, forbidden, notFound, UserError } from '../platform/errors.js'
import { append, appendInTeam } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { expiryOf, grantableRoles, keyStart, type Lifetime, prefixLength, stateOf, usedEveryMs } from './rules.js'

/** A key for programs. It is returned this once; the database has its hash. */
export async function createApiKey(
  ctx: TeamCtx,
  wanted: { name: string; role: Role; lifetime: Lifetime },
): Promise<{ id: string; key: Secret; prefix: string }> {
  const createdBy = personOf(ctx)
  if (!rolesFor(ctx).includes(wanted.role)) throw new FieldError('role', 'A key cannot be allowed more than you are')

  const key = keyStart + randomBytes(32).toString('base64url')
  const row = {
    id: newId(),
    team_id: ctx.team.id,
    created_by: createdBy,
    name: wanted.name,
    role: wanted.role,
    prefix: key.slice(0, prefixLength),
    key_hash: hashOf(key),
    last_used_at: null,
    expires_at: expiryOf(wanted.lifetime, ctx.now()),
    revoked_at: null,
    created_at: ctx.now(),
  }
  await ctx.transaction(async (tx) => {
    await queries.insertKey(tx, row)
    const data = { name: row.name, role: row.role, prefix: row.prefix, expiresAt: row.expires_at }
    await append(tx, { type: 'api-key.created', subject: { kind: 'api-key', id: row.id }, data })
  })
  return { id: row.id, key: new Secret(key), prefix: row.prefix }
}

/** One's own keys; who manages the team's sees all of them. */
export async function listApiKeys(ctx: TeamCtx) {
  const rows = await ctx.services.db.asIdentity((db) => queries.keysOf(db, ctx.team.id, ownOnly(ctx)))
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    state: stateOf(row, ctx.now()),
    createdBy: row.creator_name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }))
}

export const rolesFor = (ctx: TeamCtx): Role[] => grantableRoles((permission) => ctx.may(permission))

/** Holds from the next request. Revoking twice is revoking once; somebody else's key is not there. */
export const revokeApiKey = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    if (!isUuid(id)) throw notFound('API key')
    const revoked = await queries.revokeKey(tx, id, ownOnly(ctx), ctx.now())
    if (!revoked) throw notFound('API key that could be revoked')
    await append(tx, { type: 'api-key.revoked', subject: { kind: 'api-key', id }, data: revoked })
  })

/** For the authorizer. A key is judged alone: a bad one is refused, whoever else the browser says it is (AK-05). */
export async function identityOfKey(services: Services, key: string, address: string | null = null): Promise<Identity> {
  const now = services.clock()
  return services.db.asIdentity(async (db): Promise<Identity> => {
    const known = await queries.maybeUsableKey(db, hashOf(key), now)
    if (!known) throw badKey()
    const isDue = known.last_used_at === null || now.getTime() - known.last_used_at.getTime() >= usedEveryMs
    const actor = { kind: 'api-key', id: known.id, name: known.name } as const
    const isFirstToday = isDue && dayOf(known.last_used_at) !== dayOf(now)
    // Of two requests at once, one is the first.
    if (isDue && (await queries.markUsed(db, known.id, known.last_used_at, now)) && isFirstToday)
      await appendInTeam(db, known.team_id, actor, { type: 'api-key.used', subject: actor, address }, now)
    return { kind: 'api-key', actor }
  })
}

const dayOf = (at: Date | null): string | undefined => at?.toISOString().slice(0, 10)

/** For the authorizer: the key's team and both roles, or nothing for any other team. */
export const maybeKeyAccess = (services: Services, id: string, slug: string): Promise<queries.KeyAccess | undefined> =>
  services.db.asIdentity((db) => queries.maybeKeyAccess(db, id, slug, services.clock()))

const badKey = () =>
  new UserError(
    401,
    'This API key opens nothing',
    'It may have been revoked or be over. Make a new one on the API keys page.',
  )

/** A key may not make keys: one that leaked would outlive its own revocation (AK-02). */
function personOf(ctx: TeamCtx): string {
  if (ctx.actor.kind !== 'user') throw forbidden('An API key cannot manage API keys: sign in with your password')
  return ctx.actor.id
}

const ownOnly = (ctx: TeamCtx): string | null => (ctx.may('api-key:manage') ? null : personOf(ctx))

/** SHA-256 is enough for 256 random bits; a slow hash is for what people think up. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
