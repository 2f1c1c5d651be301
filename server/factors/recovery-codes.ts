import { createHash, randomBytes } from 'node:crypto'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { conflict } from '../platform/errors.js'
import { hasFactor } from '../sessions/sessions.js'
import { findSelf } from '../users/users.js'
import * as queries from './queries.js'
import { record } from './record.js'
import { readCode, recoveryCodeBytes, recoveryCodeCount, recoveryCodeOf } from './rules.js'

type Identity = TransactionOf<'identity'>

/** Ten new codes for somebody, shown this once; those before them end. */
export async function newCodes(db: Identity, userId: string, now: Date): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodeCount }, () => recoveryCodeOf(randomBytes(recoveryCodeBytes)))
  await queries.replaceCodes(
    db,
    userId,
    codes.map((code) => hashOf(userId, code)),
    now,
  )
  return codes
}

/** Anew, for whoever has lost or used up the old ones. Throws 409 for whoever has no second factor to recover. */
export async function remakeCodes(ctx: PersonCtx): Promise<string[]> {
  const { id } = await findSelf(ctx)
  return ctx.services.db.asIdentity(async (db) => {
    if (!(await hasFactor(db, id))) throw conflict('There is no second factor to recover', 'Set one up first.')
    const codes = await newCodes(db, id, ctx.now())
    await record(db, ctx, 'recovery-codes.made')
    return codes
  })
}

/** Uses a code up, if it is one of theirs and still good. */
export const spendCode = (db: Identity, userId: string, code: string, now: Date): Promise<boolean> =>
  queries.claimCode(db, userId, hashOf(userId, code), now)

/** Bound to its person. SHA-256 is enough for 80 random bits; a slow hash is for what people think up. */
const hashOf = (userId: string, code: string): Buffer =>
  createHash('sha256')
    .update(`${userId} ${readCode(code)?.code ?? ''}`)
    .digest()
