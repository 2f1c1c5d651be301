/** Whoever obtains a certificate has so long; then another does. */
export const claimMs = 12 * 60_000

/** So many are worked on in one moment, over all workers, and of one team: a name server or a program may be slow on purpose. */
export const mostAtOnce = { ofAll: 6, ofTeam: 2 }

/** So long a record may take until the world sees it. */
export const seenWithinMs = 5 * 60_000

/** Where no name server of the zone speaks to us, resolvers are asked, and not before: they remember that there was none. */
export const resolversAfterMs = 60_000

/** So long somebody looks whether it is there already; most are. Then the row remembers to look again after so long. */
export const lookMs = 3000
export const lookAgainMs = 15_000

/** After the n-th failure in a row: 5, 10, 20 minutes, up to a day. CAs take five failures an hour. */
export const retryAfterMs = (attempts: number): number =>
  Math.min(5 * 60_000 * 2 ** Math.max(0, attempts - 1), 24 * 3600_000)

/** At two thirds of its life, as CAs advise. */
export const renewAt = ({ beginsAt, endsAt }: { beginsAt: Date; endsAt: Date }): Date =>
  new Date(Math.round(beginsAt.getTime() + ((endsAt.getTime() - beginsAt.getTime()) * 2) / 3))
