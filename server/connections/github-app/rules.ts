/** As long as GitHub keeps the code that it sends back. */
export const startMs = 3600_000

/** A token of less than that is not handed out any more: the longest use, a fetch, may take a quarter of an hour. */
export const leastTokenMs = 20 * 60_000

/** Whoever asks for a token has so long before somebody else asks. */
export const tokenClaimMs = 15_000

/** What an installation has is asked for by itself so often: GitHub tells of changes, but a delivery may be lost. */
export const refreshEveryMs = 6 * 3600_000

/** Whoever refreshes one has so long; then another does. */
export const refreshClaimMs = 5 * 60_000

/** After the n-th failure in a row: 1, 2, 4 minutes, up to an hour. */
export const refreshAfterMs = (failures: number): number => Math.min(60_000 * 2 ** Math.max(0, failures - 1), 3600_000)

/** Of one installation. */
export const mostRepositories = 10_000

/** GitHub takes an app's own token for ten minutes at most, and wants room for clocks that differ. */
export const appTokenMs = { before: 60_000, after: 8 * 60_000 } as const
