import { UserError } from '../errors.js'
import type { Services } from '../services.js'
import { type Quota, type QuotaName, quotas } from './limits.js'
import * as queries from './queries.js'

/**
 * What a team may do only so often is counted in the database: all web processes count together, and a restart forgets
 * nothing (RL-07). What comes to nothing afterwards counts as well.
 */
export class QuotaSpent extends UserError {
  readonly retryAfterSeconds: number

  constructor({ most, label }: Quota, window: { endsAt: Date; windowMs: number }, now: Date) {
    super(
      429,
      `The team has had its ${most.toLocaleString('en')} ${label} in ${spoken(window.windowMs)}`,
      `There are more at ${window.endsAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    )
    this.name = 'QuotaSpent'
    this.retryAfterSeconds = Math.max(1, Math.ceil((window.endsAt.getTime() - now.getTime()) / 1000))
  }
}

/** Counts one more of the team; throws 429, with when there are more again, once there were too many. */
export async function spendQuota(services: Services, teamId: string, name: QuotaName): Promise<void> {
  const { most, windowMs } = quotas[name]
  const now = services.clock()
  const [spent] = await services.db.asIdentity((db) => queries.spend(db, name, [{ teamId, times: 1 }], now, windowMs))
  if (spent && spent.count > most) throw new QuotaSpent(quotas[name], { endsAt: spent.window_ends_at, windowMs }, now)
}

/** The same for what comes in batches: of each team that had too many, what to answer. */
export async function spendTogether(
  services: Services,
  name: QuotaName,
  teamIds: readonly string[],
): Promise<ReadonlyMap<string, QuotaSpent>> {
  if (teamIds.length === 0) return new Map()
  const { most, windowMs } = quotas[name]
  const now = services.clock()
  const times = new Map<string, number>()
  for (const id of teamIds) times.set(id, (times.get(id) ?? 0) + 1)
  const teams = [...times].map(([teamId, times]) => ({ teamId, times }))
  const spent = await services.db.asSystem((db) => queries.spend(db, name, teams, now, windowMs), 'one statement')
  const over = spent.filter(({ count }) => count > most)
  return new Map(
    over.map((row) => [row.team_id, new QuotaSpent(quotas[name], { endsAt: row.window_ends_at, windowMs }, now)]),
  )
}

function spoken(ms: number): string {
  const minutes = ms / 60_000
  if (minutes === 60) return 'an hour'
  if (minutes === 24 * 60) return 'a day'
  return minutes < 60 ? `${minutes} minutes` : `${minutes / 60} hours`
}
