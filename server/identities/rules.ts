/** As long as somebody needs to type a password and a code elsewhere. */
export const flowMs = 10 * 60_000

/** What another side says somebody is; nothing of it was checked by us but that this side says it. */
export interface Proof {
  /** Never given to anybody else there. */
  readonly subject: string
  readonly email: string | null
  /** Whether that side has seen mail arrive there. Only a plain yes is one. */
  readonly isEmailVerified: boolean
  readonly name: string | null
}

export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase()
