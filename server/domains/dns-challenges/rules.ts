/** Whoever obtains a certificate has so long; then another does. */
export const claimMs = 12 * 60_000

/** So long a record may take until the world sees it. */
export const seenWithinMs = 5 * 60_000

/** After the n-th failure in a row: 5, 10, 20 minutes, up to a day. CAs take five failures an hour. */
export const retryAfterMs = (attempts: number): number =>
  Math.min(5 * 60_000 * 2 ** Math.max(0, attempts - 1), 24 * 3600_000)

/** At two thirds of its life, as CAs advise. */
export const renewAt = ({ beginsAt, endsAt }: { beginsAt: Date; endsAt: Date }): Date =>
  new Date(Math.round(beginsAt.getTime() + ((endsAt.getTime() - beginsAt.getTime()) * 2) / 3))
