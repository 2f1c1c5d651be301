import { forbidden } from '../errors.js'
import type { PersonCtx } from './ctx.js'

/**
 * What a team's own sign-in began is of that team alone: whoever runs its provider may be who has come (SO-02).
 * @param what it does not do, as in "makes no other team"
 * @throws UserError 403
 */
export function refuseOwnSignIn({ connectionId }: PersonCtx, what: string): void {
  if (connectionId !== null)
    throw forbidden(`You are signed in by a team’s own sign-in, which ${what}: sign in with your password first`)
}
