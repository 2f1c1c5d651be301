import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import * as queries from './admission-queries.js'

type Identity = TransactionOf<'identity'>

/** How somebody who signs in may be known to the directory beside the connection. */
export interface Arriving {
  readonly connection: { readonly id: string; readonly kind: 'oidc' | 'saml' }
  readonly subject: string
  /** One that counts: verified, and of a domain of the team. */
  readonly email: string | null
}

/**
 * What the directory says of who comes for the first time. `out`: they were removed or deactivated, and stay out until it
 * says otherwise (SO-04). `account`: it made the account that is theirs. `unsaid`: it is decided without it.
 */
export type Word =
  | { readonly kind: 'out' }
  | { readonly kind: 'account'; readonly userId: string; readonly givenRole: Role | null }
  | { readonly kind: 'unsaid' }

export async function wordOn(db: Identity, { connection, subject, email }: Arriving): Promise<Word> {
  // By SAML people are often named by what they sign in with; by OpenID the subject is the provider's own word.
  const told = await queries.toldOf(db, connection.id, { subject, isNameId: connection.kind === 'saml', email })
  const active = told.filter(({ is_active }) => is_active)
  const [only, another] = active
  if (only && !another && only.made_account && only.user_id !== null)
    return { kind: 'account', userId: only.user_id, givenRole: only.given_role }
  return told.length > 0 && active.length === 0 ? { kind: 'out' } : { kind: 'unsaid' }
}

/** Whether the directory says that they are not active, also of who was let in again by hand. */
export async function isHeldOut(db: Identity, connection: { readonly id: string }, userId: string): Promise<boolean> {
  const told = await queries.toldOfUser(db, connection.id, userId)
  return told.length > 0 && told.every(({ is_active }) => !is_active)
}
