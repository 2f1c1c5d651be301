import type { Request } from 'express'
import type { Actor } from '../access/ctx.js'
import { Forbidden } from '../errors.js'
import { visitor } from '../events/refusals.js'
import { addressOf } from './address.js'
import { RequestForged } from './csrf.js'
import { stateOf } from './request-state.js'

/** Somebody asked for what they may not have, or a page elsewhere asked in their name. */
export interface Denial {
  readonly kind: 'denied' | 'forged'
  /** Of what was forged: how it was known. */
  readonly why?: string
  readonly actor: Actor
  /** Null for whoever has none: a key, a visitor. */
  readonly sessionId: string | null
  /** The slug in the address, if it has one. */
  readonly team: string | undefined
  readonly method: string
  /** The pattern and not the address, which may bear names. */
  readonly route: string
  readonly address: string | null
}

/** Told of each denial, which is answered once this is done: who was refused is in the log by then. It must not throw. */
export type OnDenied = (denial: Denial) => Promise<void>

/** Null for what is no denial, and for what was denied to nobody known. */
export function denialOf(req: Request, error: unknown): Denial | null {
  const { identity, route, ctx, team } = stateOf(req)
  if (route === undefined) return null
  const actor = identity && identity.kind !== 'visitor' ? identity.actor : visitor
  const sessionId = identity?.kind === 'person' ? identity.sessionId : null
  const denial = { actor, sessionId, team, method: req.method, route, address: addressOf(req) }
  if (error instanceof RequestForged) return { ...denial, kind: 'forged', why: error.why }
  if (actor === visitor) return null
  const isOfTeam = team !== undefined && !ctx
  return isOfTeam || error instanceof Forbidden ? { ...denial, kind: 'denied' } : null
}
