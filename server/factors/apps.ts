import { generateSecret, generateURI, verifySync } from 'otplib'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { AuthenticatorAppsRow } from '../platform/db/tables.js'
import { conflict, FieldError, notFound } from '../platform/errors.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { endOtherSessions, hasFactor, lockUser, markProved } from '../sessions/sessions.js'
import { findSelf } from '../users/users.js'
import { qrOf } from './qr.js'
import * as queries from './queries.js'
import { record } from './record.js'
import { newCodes } from './recovery-codes.js'
import { readCode, spelledOut, waitingMs } from './rules.js'

type Identity = TransactionOf<'identity'>

/** A secret for an authenticator app, shown this once. It counts for nothing until the app has shown a code of it. */
export async function beginApp(ctx: PersonCtx) {
  const user = await findSelf(ctx)
  const { services } = ctx
  const secret = generateSecret()
  const id = newId()
  const sealed = services.vault.seal(new Secret(secret), placeOf(id))
  const row = { id, user_id: user.id, secret_sealed: sealed, last_step: 0, confirmed_at: null, created_at: ctx.now() }
  await services.db.asIdentity(async (db) => {
    await queries.replaceWaitingApp(db, row)
    await record(db, ctx, 'factor.app-begun')
  })
  const uri = generateURI({ issuer: `Hostler ${services.config.baseUrl.host}`, label: user.email, secret })
  return { secret: spelledOut(secret), qr: qrOf(uri) }
}

/**
 * With a code of the new app it counts from now on, in place of the one before. Every other session ends (SE-03). Returns
 * recovery codes for whoever had no second factor until now.
 */
export async function confirmApp(ctx: PersonCtx, typed: string): Promise<string[] | null> {
  const { id: userId } = await findSelf(ctx)
  const now = ctx.now()
  return ctx.services.db.asIdentity(async (db) => {
    await lockUser(db, userId)
    const app = await queries.maybeWaitingApp(db, userId, new Date(now.getTime() - waitingMs))
    if (!app) throw conflict('There is no app that waits for its first code', 'Begin again: the secret is shown anew.')
    const step = stepOf(ctx.services, app, typed, now)
    if (step === null) throw new FieldError('code', 'This is not the code that the app shows now')
    const isFirst = !(await hasFactor(db, userId))
    if (!(await queries.confirmApp(db, app, step, now))) throw conflict('This app was confirmed a moment ago')
    const codes = isFirst ? await newCodes(db, userId, now) : null
    await markProved(db, ctx, { factor: true })
    const data = { sessionsEnded: await endOtherSessions(db, ctx) }
    await record(db, ctx, 'factor.app-added', data)
    return codes
  })
}

/** Codes of the app count no more; with the last second factor the recovery codes go, too. */
export async function removeApp(ctx: PersonCtx): Promise<void> {
  const { id: userId } = await findSelf(ctx)
  await ctx.services.db.asIdentity(async (db) => {
    await lockUser(db, userId)
    if (!(await queries.deleteApp(db, userId))) throw notFound('authenticator app')
    if (!(await hasFactor(db, userId))) await queries.deleteCodes(db, userId)
    const data = { sessionsEnded: await endOtherSessions(db, ctx) }
    await record(db, ctx, 'factor.app-removed', data)
  })
}

/** Whether it is a code of their app, of now or of one step beside it, and of a step that was not used before (MF-07). */
export async function spendAppCode(services: Services, db: Identity, userId: string, code: string, now: Date) {
  const app = await queries.maybeApp(db, userId)
  const step = app ? stepOf(services, app, code, now) : null
  return app !== undefined && step !== null && (await queries.claimStep(db, app.id, step))
}

const periodSeconds = 30

function stepOf(services: Services, app: AuthenticatorAppsRow, typed: string, now: Date): number | null {
  const read = readCode(typed)
  const epoch = Math.floor(now.getTime() / 1000)
  const lastStep = Number(app.last_step)
  // The library throws for a last step that is still to come, as after a clock was set back.
  if (read?.kind !== 'app' || lastStep > Math.floor(epoch / periodSeconds)) return null
  const secret = services.vault.open(app.secret_sealed, placeOf(app.id)).reveal()
  const found = verifySync({ secret, token: read.code, epoch, epochTolerance: periodSeconds, afterTimeStep: lastStep })
  return found.valid && 'timeStep' in found ? found.timeStep : null
}

const placeOf = (id: string) => ({ table: 'authenticator_apps', id, column: 'secret_sealed' })
