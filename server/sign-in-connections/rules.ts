import type { Proof } from '../identities/identities.js'

/** What somebody may become who comes for the first time. Nobody becomes an owner by being let in elsewhere. */
export const defaultRoles = ['admin', 'developer', 'billing', 'viewer'] as const

export type DefaultRole = (typeof defaultRoles)[number]

/** What a provider says of itself is asked again when somebody signs in later than that. */
export const metadataMs = 24 * 60 * 60_000

/** Why a sign-in came to nothing. It is written into the event; whoever tried is told in `refusals.ts`. */
export type Reason =
  | 'not-begun-here'
  | 'stopped-there'
  | 'not-proven'
  | 'unreachable'
  | 'account-exists'
  | 'given-more'
  | 'not-invited'
  | 'not-a-member'
  | 'somebody-elses'

/** What came back is refused for a reason; `detail` is ours, never the other side's text. */
export class Refused extends Error {
  readonly reason: Reason
  readonly detail: string | undefined

  constructor(reason: Reason, detail?: string, options?: ErrorOptions) {
    super(detail ?? reason, options)
    this.name = 'Refused'
    this.reason = reason
    this.detail = detail
  }
}

/** Under what an identity of that connection is kept. */
export const sourceOf = ({ id }: { id: string }) => ({ provider: 'connection', connection_id: id }) as const

/** The role of somebody who comes for the first time and whom nobody invited; null lets them not in. */
export function roleOfNewcomer(
  defaultRole: DefaultRole | null,
  proof: Proof,
  isProvenDomain: boolean,
): DefaultRole | null {
  return proof.email !== null && proof.isEmailVerified && isProvenDomain ? defaultRole : null
}

/** How somebody is called here whose provider gives no name. */
export const nameFrom = ({ name, email }: Proof): string =>
  (name ?? email?.split('@')[0] ?? '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '')
    .trim()
    .slice(0, 80) || 'Somebody'
