import type { Request } from 'express'
import type { Actor } from '../access/ctx.js'
import { addressOf } from './address.js'
import { stateOf } from './request-state.js'

/** Somebody known asked for what they may not have. */
export interface Denial {
  readonly actor: Actor
  /** The slug in the address. */
  readonly team: string
  readonly method: string
  /** The pattern and not the address, which may bear names. */
  readonly route: string
  readonly address: string | null
}

/** Told of each denial, which is answered once this is done: who was refused is in the log by then. It must not throw. */
export type OnDenied = (denial: Denial) => Promise<void>

/** Of a team that was asked for and not given. Null for anything else, such as a token that is missing, and for who is not known. */
export function denialOf(req: Request): Denial | null {
  const { identity, route, team, ctx } = stateOf(req)
  if (!identity || identity.kind === 'visitor' || route === undefined || team === undefined || ctx) return null
  return {
    actor: identity.actor,
    team,
    ...{ method: req.method, route, address: addressOf(req) },
  }
}
