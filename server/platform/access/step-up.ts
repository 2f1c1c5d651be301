import { forbidden, UserError } from '../errors.js'
import type { Identity } from './authorizer.js'

/**
 * Some acts ask who is there again, whatever the session says: a browser that was left open is not its owner.
 * `true` takes the password or a factor; `password-and-factor` takes both from whoever has both.
 */
export type StepUp = true | 'password-and-factor'

/** When this session last proved who is behind it; null when it never did. */
export interface Proofs {
  /** By the password, or by what this person comes with instead of one. */
  readonly passwordAt: Date | null
  readonly factorAt: Date | null
  /** Has a second factor to be asked for. */
  readonly hasFactor: boolean
}

/** For so long one proof does. */
export const proofMs = 10 * 60_000

/** The proof is too old. Pages lead to where it is given again, and back. */
export class ProofNeeded extends UserError {
  readonly stepUp: StepUp

  constructor(stepUp: StepUp) {
    super(403, 'Confirm that it is you, then do this again', 'Nothing was changed.')
    this.name = 'ProofNeeded'
    this.stepUp = stepUp
  }
}

/** Throws 403 for an API key where a proof is asked for, unless the route takes keys all the same. */
export function refuseKeys(identity: Identity, route: { stepUp?: StepUp; openToKeys?: true }): void {
  if (identity.kind === 'api-key' && route.stepUp !== undefined && !route.openToKeys)
    throw forbidden('An API key cannot do this: sign in and do it yourself')
}

/** Throws `ProofNeeded` where a route asks for a newer proof than this session has. */
export function requireProof(identity: Identity, stepUp: StepUp | undefined, now: Date): void {
  if (stepUp !== undefined && identity.kind === 'person' && !isProven(identity.proofs, stepUp, now))
    throw new ProofNeeded(stepUp)
}

export function isProven({ passwordAt, factorAt, hasFactor }: Proofs, stepUp: StepUp, now: Date): boolean {
  if (stepUp === true) return isNew(passwordAt, now) || isNew(factorAt, now)
  return isNew(passwordAt, now) && (!hasFactor || isNew(factorAt, now))
}

export const isNew = (at: Date | null, now: Date): boolean => at !== null && now.getTime() - at.getTime() < proofMs
