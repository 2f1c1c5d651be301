/** Who may make an account: everybody, whom a team invites, or nobody any more. */
export const signUpModes = ['open', 'invitation', 'closed'] as const

export type SignUpMode = (typeof signUpModes)[number]

/** A link to make an account works so long. */
export const validHours = 24

const hour = 60 * 60_000

export const madeAfter = (now: Date): Date => new Date(now.getTime() - validHours * hour)
