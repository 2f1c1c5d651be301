import type { TransactionOf } from '../db/doors.js'

export interface Spent {
  team_id: string
  count: number
  window_ends_at: Date
}

/** Counts so many more of each team, before anything is done: many at once are many. A window that is over begins anew. */
export const spend = (
  db: TransactionOf<'identity'> | TransactionOf<'system'>,
  name: string,
  teams: readonly { teamId: string; times: number }[],
  now: Date,
  windowMs: number,
): Promise<Spent[]> =>
  db.rows(
    `insert into quota_counts as known (team_id, name, count, window_ends_at)
     select team_id, $1, times, $4::timestamptz
     from unnest($2::uuid[], $3::integer[]) as asked (team_id, times) order by team_id
     on conflict (team_id, name) do update set
       count = case when known.window_ends_at <= $5 then excluded.count else known.count + excluded.count end,
       window_ends_at = case when known.window_ends_at <= $5 then excluded.window_ends_at else known.window_ends_at end
     returning team_id, count, window_ends_at`,
    [name, teams.map(({ teamId }) => teamId), teams.map(({ times }) => times), new Date(now.getTime() + windowMs), now],
  )
