import { randomBytes } from 'node:crypto'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { allPermissions } from '../platform/access/permissions.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { hashOfToken } from '../platform/link-token.js'
import { Secret } from '../platform/secret.js'
import { findConnection } from '../sign-in-connections/sign-in-connections.js'
import * as queries from './queries.js'
import {
  endOfNew,
  endOfOld,
  expiryOf,
  type Lifetime,
  mostTokens,
  type overlaps,
  prefixLength,
  tokenStart,
} from './rules.js'

export interface MadeToken {
  readonly id: string
  readonly name: string
  readonly token: Secret
  readonly prefix: string
  readonly expiresAt: Date
}

/** What a company's directory comes with. It is returned this once; the database has its hash. */
export const makeToken = (ctx: TeamCtx, connection: string, lifetime: Lifetime): Promise<MadeToken> =>
  ctx.transaction(async (tx) => {
    const { name } = await findConnection(tx, connection)
    const made = await insert(tx, { connection, name, expiresAt: expiryOf(lifetime, ctx.now()) })
    const data = { name, prefix: made.prefix, expiresAt: made.expiresAt }
    await tell(tx, 'directory.token-created', connection, data)
    return made
  })

/** A new token; the old one goes on for so many hours, and then ends. */
export const rotateToken = (
  ctx: TeamCtx,
  connection: string,
  id: string,
  overlap: (typeof overlaps)[number],
): Promise<MadeToken> =>
  ctx.transaction(async (tx) => {
    const { name } = await findConnection(tx, connection)
    const old = await findLive(tx, connection, id)
    if (old.replaced_by !== null)
      throw conflict('This token was rotated already', 'Rotate the newer one, or revoke this one.')
    const made = await insert(tx, { connection, name, expiresAt: endOfNew(old, ctx.now()) })
    const oldEndsAt = endOfOld(old, overlap, ctx.now())
    await queries.replaceToken(tx, id, made.id, oldEndsAt)
    const data = { name, prefix: old.prefix, newPrefix: made.prefix, oldEndsAt }
    await tell(tx, 'directory.token-rotated', connection, data)
    return made
  })

/** Holds from the next request. Whoever the directory told of stays as they are. */
export const revokeToken = (ctx: TeamCtx, connection: string, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { name } = await findConnection(tx, connection)
    const { prefix } = await findLive(tx, connection, id)
    await queries.revokeToken(tx, id, ctx.now())
    await tell(tx, 'directory.token-revoked', connection, { name, prefix })
  })

/** Those that are over are shown for a while beside the others. */
export const listTokens = async (tx: TeamTx, connection: string) =>
  (await queries.tokensOf(tx, connection, mostTokens, tx.ctx.now())).map((row) => ({
    ...{ id: row.id, prefix: row.prefix, state: stateOf(row, tx.ctx.now()), isReplaced: row.replaced_by !== null },
    ...{
      createdBy: row.created_by,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: row.last_used_at,
    },
  }))

/** Locked. Throws 404 for what is over, is another directory's or is not there. */
async function findLive(tx: TeamTx, connection: string, id: string): Promise<queries.ListedToken> {
  const found = isId(id) ? await queries.lockToken(tx, connection, id) : undefined
  if (!found || stateOf(found, tx.ctx.now()) !== 'active') throw notFound('token')
  return found
}

function stateOf(token: Pick<queries.ListedToken, 'revoked_at' | 'expires_at'>, now: Date) {
  if (token.revoked_at !== null) return 'revoked' as const
  return token.expires_at <= now ? ('expired' as const) : ('active' as const)
}

/** It is the team's, and never does more than who made it may (as a key of the team). */
async function insert(
  tx: TeamTx,
  { connection, name, expiresAt }: { connection: string; name: string; expiresAt: Date },
): Promise<MadeToken> {
  const { ctx } = tx
  const token = tokenStart + randomBytes(32).toString('base64url')
  const made = { id: newId(), prefix: token.slice(0, prefixLength), expiresAt }
  await queries.insertToken(tx, {
    ...{
      id: made.id,
      connection_id: connection,
      team_id: ctx.team.id,
      prefix: made.prefix,
      token_hash: hashOfToken(token),
    },
    permissions: allPermissions.filter((permission) => ctx.may(permission)),
    role: await queries.roleOf(tx, ctx.actor),
    ...{ created_by: ctx.actor.name, created_at: ctx.now(), expires_at: expiresAt },
    ...{ last_used_at: null, replaced_by: null, revoked_at: null },
  })
  return { ...made, name, token: new Secret(token) }
}

type TokenEvent = 'directory.token-created' | 'directory.token-rotated' | 'directory.token-revoked'

const tell = (tx: TeamTx, type: TokenEvent, connection: string, data: Record<string, unknown>): Promise<string> =>
  append(tx, { type, subject: { kind: 'sign-in-connection', id: connection }, data })
