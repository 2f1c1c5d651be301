import { createHash, randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { ApiKeysRow } from '../platform/db/tables.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import { allowsMore, nameSeen, onOf, roleOf, whatIsHeld, whyNotGive } from '../roles/roles.js'
import * as queries from './queries.js'
import { endOfNew, endOfOld, expiryOf, keyStart, type overlaps, prefixLength, publishable, stateOf } from './rules.js'
import type { NewApiKey } from './schema.js'

export { identityOfKey, maybeKeyAccess } from './knowing.js'
export { NewApiKey } from './schema.js'

export interface CreatedKey {
  readonly id: string
  readonly name: string
  readonly key: Secret
  readonly prefix: string
}

/** A key for programs. It is returned this once; the database has its hash. */
export async function createApiKey(ctx: TeamCtx, wanted: z.output<typeof NewApiKey>): Promise<CreatedKey> {
  const createdBy = personOf(ctx)
  if (wanted.owner === 'team' && !ctx.may('api-key:manage'))
    throw new FieldError('owner', 'Keys of the team are made by those who manage them')
  return ctx.transaction(async (tx) => {
    const { role, on } = await whatIsHeld(tx, wanted)
    const why =
      whyNotGive(role, on, (permission) => ctx.may(permission, 'id' in on && on.kind !== 'group' ? on.id : null)) ??
      (wanted.kind === 'publishable' && !role.permissions.every((one) => publishable.includes(one))
        ? 'A publishable key may only see sites, deploys and previews'
        : null)
    if (why) throw new FieldError(role.builtIn === null && role.ownId === null ? 'permissions' : 'role', why)

    return insert(tx, {
      ...ofThing(on),
      name: wanted.name,
      created_by: createdBy,
      owner: wanted.owner,
      is_publishable: wanted.kind === 'publishable',
      role: role.builtIn,
      permissions: role.builtIn === null ? [...role.permissions] : null,
      networks: wanted.networks,
      expires_at: expiryOf(wanted.lifetime, ctx.now()),
    })
  })
}

/** A new key that may do the same; the old one goes on for so many hours, and then ends. */
export const rotateApiKey = (ctx: TeamCtx, id: string, overlap: (typeof overlaps)[number]): Promise<CreatedKey> =>
  ctx.transaction(async (tx) => {
    const userId = personOf(ctx)
    const old = isId(id) ? await queries.lockKey(tx, id, ownOnly(ctx)) : undefined
    if (!old || stateOf(old, ctx.now()) !== 'active') throw notFound('API key that could be rotated')
    // Whoever gets the new one speaks in the name of who made it.
    if (old.owner === 'person' && old.created_by !== userId) throw forbidden('Only who made this key can rotate it')
    // One of the team is bound to nobody, so it is not handed to who may do less.
    const held = roleOf({ role: old.role, role_id: null, own_name: old.name, own_permissions: old.permissions })
    if (old.owner === 'team' && allowsMore(ctx, held, onOf(old)))
      throw forbidden('This key allows more than you may do yourself')
    if (old.replaced_by !== null) throw forbidden('This key was rotated already: rotate the newer one')

    const { name, created_by, owner, is_publishable, role, permissions, networks, site_id, server_id, group_id } = old
    const same = { name, created_by, owner, is_publishable, role, permissions, networks, site_id, server_id, group_id }
    const made = await insert(tx, { ...same, expires_at: endOfNew(old, ctx.now()) })
    const endsAt = endOfOld(old, overlap, ctx.now())
    await queries.replaceKey(tx, id, made.id, endsAt)
    const data = { name, prefix: old.prefix, newPrefix: made.prefix, oldEndsAt: endsAt }
    await append(tx, { type: 'api-key.rotated', subject: { kind: 'api-key', id }, data })
    return made
  })

/** The person whose key acts; null for a key of the team, and where no key does. */
export const makerOfKey = (ctx: TeamCtx): Promise<string | null> =>
  ctx.reading((tx) => queries.maybeMaker(tx, ctx.actor.kind === 'api-key' ? ctx.actor.id : null))

/** One's own keys; who manages the team's sees all of them. */
export async function listApiKeys(ctx: TeamCtx) {
  const rows = await ctx.reading((tx) => queries.keysOf(tx, ownOnly(ctx)))
  const makers = [...new Set(rows.flatMap(({ created_by }) => created_by ?? []))]
  const names = await ctx.services.db.asIdentity((db) => queries.namesOf(db, makers))
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    owner: row.owner,
    kind: row.is_publishable ? ('publishable' as const) : ('secret' as const),
    role: row.role,
    permissions: row.permissions,
    on: { kind: kindOf(row), name: nameSeen(ctx, row, row.thing_name) },
    networks: row.networks,
    prefix: row.prefix,
    state: stateOf(row, ctx.now()),
    isReplaced: row.replaced_by !== null,
    createdBy: names.find(({ id }) => id === row.created_by)?.name ?? null,
    isOwn: row.created_by === ctx.actor.id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }))
}

/** Holds from the next request. Revoking twice is revoking once; somebody else's key is not there. */
export const revokeApiKey = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const revoked = isId(id) ? await queries.revokeKey(tx, id, ownOnly(ctx), ctx.now()) : undefined
    if (!revoked) throw notFound('API key that could be revoked')
    await append(tx, { type: 'api-key.revoked', subject: { kind: 'api-key', id }, data: revoked })
  })

type Wanted = Omit<
  ApiKeysRow,
  'id' | 'team_id' | 'prefix' | 'key_hash' | 'last_used_at' | 'revoked_at' | 'created_at' | 'replaced_by'
>

async function insert(tx: TeamTx, wanted: Wanted): Promise<CreatedKey> {
  const key = keyStart[wanted.is_publishable ? 'publishable' : 'secret'] + randomBytes(32).toString('base64url')
  const row: ApiKeysRow = {
    ...wanted,
    id: newId(),
    team_id: tx.ctx.team.id,
    prefix: key.slice(0, prefixLength),
    key_hash: createHash('sha256').update(key).digest(),
    last_used_at: null,
    revoked_at: null,
    replaced_by: null,
    created_at: tx.ctx.now(),
  }
  await queries.insertKey(tx, row)
  const { name, role, permissions, owner, prefix, networks, expires_at: expiresAt } = row
  const data = { name, role, permissions, owner, on: kindOf(row), networks, prefix, expiresAt }
  await append(tx, { type: 'api-key.created', subject: { kind: 'api-key', id: row.id }, data })
  return { id: row.id, name, key: new Secret(key), prefix }
}

const ofThing = (on: { kind: string; id?: string }) => ({
  site_id: on.kind === 'site' ? (on.id ?? null) : null,
  server_id: on.kind === 'server' ? (on.id ?? null) : null,
  group_id: on.kind === 'group' ? (on.id ?? null) : null,
})

type Thing = Pick<ApiKeysRow, 'site_id' | 'server_id' | 'group_id'>

function kindOf({ site_id, server_id, group_id }: Thing): 'site' | 'server' | 'group' | 'team' {
  if (site_id !== null) return 'site'
  if (server_id !== null) return 'server'
  return group_id === null ? 'team' : 'group'
}

/** A key may not make keys: one that leaked would outlive its own revocation (AK-02). */
function personOf(ctx: TeamCtx): string {
  if (ctx.actor.kind !== 'user') throw forbidden('An API key cannot manage API keys: sign in with your password')
  return ctx.actor.id
}

const ownOnly = (ctx: TeamCtx): string | null => (ctx.may('api-key:manage') ? null : personOf(ctx))
