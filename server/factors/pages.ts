import { paths } from '../paths.js'
import type { HalfCtx, PersonCtx } from '../platform/access/ctx.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, page } from '../platform/http/reply.js'
import { factorsOfHalf } from './factors.js'
import { leftToProve, proofPage } from './proofs.js'

/** Pages that several routes show: each has a form for a code and one for a passkey. */

export const halfPage = async (ctx: HalfCtx, next: string) =>
  page('factors/sign-in', { next, name: ctx.actor.name, ...(await factorsOfHalf(ctx)) })

export const proofForm = async (ctx: PersonCtx, next: string, both: boolean) =>
  page('factors/proof', { ...(await proofPage(ctx)), next, both: both ? 'yes' : '' })

/** Back to what was to be done; where that asks for both halves and one is still to come, to the page once more. */
export async function afterProof(ctx: PersonCtx, wanted: string | undefined, both: boolean) {
  const next = ownPath(wanted, paths.profile())
  const left = await leftToProve(ctx)
  if (both && (left.password || left.factor))
    return go(paths.proof(next), `Confirmed. This asks for your ${left.password ? 'password' : 'second factor'}, too.`)
  return go(next, 'Confirmed. For ten minutes you are not asked again.')
}
