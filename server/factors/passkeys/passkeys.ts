import type { z } from 'zod'
import { HalfCtx, PersonCtx, type VisitorCtx } from '../../platform/access/ctx.js'
import type { PasskeysRow } from '../../platform/db/tables.js'
import { FieldError, notFound, UserError } from '../../platform/errors.js'
import { noteRefusal } from '../../platform/events/refusals.js'
import { newId } from '../../platform/ids.js'
import { endOtherSessions, hasFactor, lockUser, markProved } from '../../sessions/sessions.js'
import { findSelf } from '../../users/users.js'
import { deleteCodes } from '../queries.js'
import { record } from '../record.js'
import { newCodes } from '../recovery-codes.js'
import { type Asker, checkAdded, checkUsed, optionsToAdd, optionsToUse, refuse } from './ceremonies.js'
import * as queries from './passkey-queries.js'
import { type Purpose, passkeysFault } from './rules.js'
import type { NewPasskey } from './schema.js'

export type Credential = z.output<typeof NewPasskey>['response']

/** Whose challenge it is: of a session, or of a visitor's browser by the cookie that its forms are bound to. */
export function askerOf(ctx: VisitorCtx, purpose: Purpose, visitor?: string): Asker {
  if (ctx instanceof HalfCtx || (ctx instanceof PersonCtx && ctx.sessionId !== null))
    return { holder: `session:${ctx.sessionId}`, purpose }
  if (!visitor) throw new UserError(403, 'This form is out of date', 'Go back, reload the page and send it again.')
  return { holder: `visitor:${visitor}`, purpose }
}

/** For the browser: how to make a passkey here. */
export async function beginPasskey(ctx: PersonCtx) {
  const user = await findSelf(ctx)
  const fault = passkeysFault(ctx.services.config.baseUrl)
  if (fault) throw new UserError(409, fault, 'Whoever runs the panel sets HOSTLER_URL to a name with https.')
  return optionsToAdd(ctx.services, askerOf(ctx, 'add'), user)
}

/**
 * Another passkey, which counts at once; in a session of a team's own sign-in as a second factor alone, for whoever runs
 * that provider may be who has come. Every other session ends (SE-03). Returns recovery codes for whoever had no second
 * factor until now.
 */
export async function addPasskey(ctx: PersonCtx, { name, response }: z.output<typeof NewPasskey>) {
  const { id: userId } = await findSelf(ctx)
  const { services } = ctx
  const credential = await checkAdded(services, askerOf(ctx, 'add'), response)
  const now = ctx.now()
  const row: PasskeysRow = {
    id: newId(),
    user_id: userId,
    credential_id: credential.id,
    public_key: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: [...(credential.transports ?? [])],
    name,
    signs_in: ctx.connectionId === null,
    created_at: now,
    last_used_at: null,
  }
  return services.db.asIdentity(async (db) => {
    await lockUser(db, userId)
    const isFirst = !(await hasFactor(db, userId))
    if (!(await queries.insertPasskey(db, row))) throw new FieldError('form', 'This passkey is here already')
    const codes = isFirst ? await newCodes(db, userId, now) : null
    await markProved(db, ctx, { factor: true })
    const data = { passkey: name, sessionsEnded: await endOtherSessions(db, ctx) }
    await record(db, ctx, 'factor.passkey-added', data)
    return codes
  })
}

export async function listPasskeys(ctx: PersonCtx) {
  const { id } = await findSelf(ctx)
  const rows = await ctx.services.db.asIdentity((db) => queries.passkeysOf(db, id))
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    signsIn: row.signs_in,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }))
}

export async function renamePasskey(ctx: PersonCtx, id: string, name: string): Promise<void> {
  const { id: userId } = await findSelf(ctx)
  await ctx.services.db.asIdentity(async (db) => {
    if (!isUuid(id) || (await queries.renamePasskey(db, userId, id, name)) === 0) throw notFound('passkey')
    await record(db, ctx, 'factor.passkey-renamed', { passkey: name })
  })
}

/** It opens nothing any more; with the last second factor the recovery codes go, too. */
export async function removePasskey(ctx: PersonCtx, id: string): Promise<void> {
  const { id: userId } = await findSelf(ctx)
  await ctx.services.db.asIdentity(async (db) => {
    await lockUser(db, userId)
    if (!isUuid(id) || (await queries.deletePasskey(db, userId, id)) === 0) throw notFound('passkey')
    if (!(await hasFactor(db, userId))) await deleteCodes(db, userId)
    const data = { sessionsEnded: await endOtherSessions(db, ctx) }
    await record(db, ctx, 'factor.passkey-removed', data)
  })
}

/** For the browser: how to use one of the person's passkeys here. */
export const beginUse = (ctx: PersonCtx | HalfCtx, purpose: 'factor' | 'proof') =>
  optionsToUse(ctx.services, askerOf(ctx, purpose), ctx.actor.id ?? '')

/** Throws 422 for anything but a passkey of this very person, used for this very challenge (MF-06). */
export async function usePasskey(ctx: PersonCtx | HalfCtx, purpose: 'factor' | 'proof', response: Credential) {
  const passkey = await ctx.services.db.asIdentity((db) => queries.maybePasskey(db, response.id))
  const refused = async () => {
    const subject = { kind: 'user', id: ctx.actor.id, name: ctx.actor.name }
    const event = { type: 'factor.refused', subject, data: { by: 'passkey' }, address: ctx.address } as const
    await noteRefusal(ctx.services, { teamId: null, actor: ctx.actor, event, about: `passkey ${purpose}` })
  }
  if (!passkey || passkey.user_id !== ctx.actor.id) {
    await refused()
    return refuse()
  }
  await checkUsed(ctx.services, askerOf(ctx, purpose), passkey, response).catch(async (error: unknown) => {
    if (error instanceof FieldError) await refused()
    throw error
  })
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
