import type { TransactionOf } from '../db/doors.js'
import type { RefusalsRow } from '../db/tables.js'

/**
 * Counts refusals that are the same. True: it is told now, being the first of its hour; null: there are as many of its
 * type in this hour as there may be, and it is not among them.
 */
export async function countRefusals(
  db: TransactionOf<'identity'>,
  { key, team_id, type, hour, actor, event, times }: RefusalsRow,
  most: number | null,
): Promise<boolean | null> {
  const [row] = await db.rows<{ times: number }>(
    `insert into refusals as known (key, team_id, type, hour, actor, event, times)
     select $1::bytea, $2::uuid, $3, $4::timestamptz, $5::jsonb, $6::jsonb, $7::integer
     where $8::integer is null or exists (select from refusals where key = $1)
       or (select count(*) from refusals
           where hour = $4 and type = $3 and (team_id = $2 or $2::uuid is null and team_id is null)) < $8
     on conflict (key) do update set times = known.times + excluded.times
     returning times`,
    [key, team_id, type, hour, JSON.stringify(actor), JSON.stringify(event), times, most],
  )
  return row ? row.times === times : null
}

/** Takes what was counted in hours that are over. */
export const takeRefusals = (db: TransactionOf<'system'>, hour: Date, most: number): Promise<RefusalsRow[]> =>
  db.rows(
    `delete from refusals where key in (
       select key from refusals where hour < $1 order by key limit $2 for update skip locked)
     returning key, team_id, type, hour, actor, event, times`,
    [hour, most],
  )
