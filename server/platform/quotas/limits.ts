const minute = 60_000
const hour = 60 * minute

export interface Quota {
  readonly most: number
  readonly windowMs: number
  /** What was done too often, as people read it: "200 deploys". */
  readonly label: string
}

/** How often a team may do what costs others something. Told in docs/operating.md. */
export const quotas = {
  /** A team with 500 sites, which is what we try pushes with (bench/pushes.ts), deploys all of them twice within the hour. */
  deploys: { most: 1000, windowMs: hour, label: 'deploys' },
  /** A million events take 20 s of the database at 50,000 a second (docs/performance.md): at most a sixth of its time. */
  exports: { most: 30, windowMs: hour, label: 'exports' },
  /** A search of a million events takes up to 100 ms (docs/performance.md): at most a tenth of a connection. */
  'log-searches': { most: 600, windowMs: 10 * minute, label: 'searches' },
  /** Each is a connection to the server. With HTTP/1.1 a browser has six at a time, and asks anew when its tab is shown. */
  'log-readings': { most: 600, windowMs: 10 * minute, label: 'readings of logs' },
  /** Each is a mail to an address that somebody typed, and a mail server that sends what nobody wants is believed by nobody. */
  invitations: { most: 50, windowMs: 24 * hour, label: 'invitations' },
  /** A third of what Let's Encrypt makes for one account: 300 orders in three hours (https://letsencrypt.org/docs/rate-limits/). */
  certificates: { most: 100, windowMs: 3 * hour, label: 'certificates' },
  /** A look asks name servers a dozen questions; somebody who waits for a record looks again every half minute. */
  'dns-checks': { most: 120, windowMs: hour, label: 'looks at DNS' },
  /** Twenty times the largest push that we try (500 sites), each with its body kept: far below what a disk takes in a day. */
  deliveries: { most: 10_000, windowMs: hour, label: 'webhook deliveries' },
} as const satisfies Record<string, Quota>

export type QuotaName = keyof typeof quotas
