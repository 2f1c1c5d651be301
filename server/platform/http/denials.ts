import type { Request } from 'express'
import type { Actor } from '../access/ctx.js'
import { stateOf } from './request-state.js'

/** Somebody known asked for what they may not have. */
export interface Denial {
  readonly actor: Actor
  /** The slug in the address, if it names a team. */
  readonly team: string | null
  readonly method: string
  /** The pattern and not the address, which may bear names. */
  readonly route: string
  readonly address: string | null
}

/** Told of each denial, before it is answered. It must not throw, and nobody waits for it. */
export type OnDenied = (denial: Denial) => void

/** Null for who is not known: there is nobody to tell of. */
export function denialOf(req: Request): Denial | null {
  const { identity, route, team } = stateOf(req)
  if (!identity || identity.kind === 'visitor' || route === undefined) return null
  return {
    actor: identity.actor,
    team: team ?? null,
    ...{ method: req.method, route, address: req.ip ?? null },
  }
}
