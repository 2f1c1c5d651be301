import type { z } from 'zod'
import type { PersonCtx } from '../platform/access/ctx.js'
import { isNew } from '../platform/access/step-up.js'
import { FieldError } from '../platform/errors.js'
import { markProved, proofsOf, proveOwnPassword, type Whence } from '../sessions/sessions.js'
import { findSelf } from '../users/users.js'
import { factorsOf, spend } from './factors.js'
import { type Credential, usePasskey } from './passkeys/passkeys.js'
import type { NewProof } from './schema.js'

/** What this person can prove themselves with, and what of that was proven just now. */
export async function proofPage(ctx: PersonCtx) {
  const { email } = await findSelf(ctx)
  return { email, ...(await factorsOf(ctx)), left: await leftToProve(ctx) }
}

/** Which halves are still to come, for an act that asks for both. */
export async function leftToProve(ctx: PersonCtx): Promise<{ password: boolean; factor: boolean }> {
  const { passwordAt, factorAt, hasFactor } = await proofsOf(ctx)
  return { password: !isNew(passwordAt, ctx.now()), factor: hasFactor && !isNew(factorAt, ctx.now()) }
}

/** Proves in this session who is there, by the password, by a code, or by both. What is given has to be right. */
export async function giveProof(ctx: PersonCtx, given: z.output<typeof NewProof>, from: Whence): Promise<void> {
  const self = await findSelf(ctx)
  if (given.password && !(await proveOwnPassword(ctx, self, given.password, from.ip)))
    throw new FieldError('password', 'This is not your password')
  if (given.code !== null && !(await spend(ctx.services, self, given.code, from)))
    throw new FieldError('code', 'This code is not right, or it was used before')

  const proven = { password: given.password !== null, factor: given.code !== null }
  await ctx.services.db.asIdentity((db) => markProved(db, ctx, proven))
}

/** The same by a passkey: it proves a factor. */
export async function proveByPasskey(ctx: PersonCtx, response: Credential): Promise<void> {
  await usePasskey(ctx, 'proof', response)
  await ctx.services.db.asIdentity((db) => markProved(db, ctx, { factor: true }))
}
