import type { TransactionOf } from '../db/doors.js'

/** Returns how many lines went; 0 when no log is too long any more. */
export async function pruneLogs(
  db: TransactionOf<'system'>,
  { endedBefore, keptLines, batchSize }: { endedBefore: Date; keptLines: number; batchSize: number },
): Promise<number> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `delete from operation_log as line using (
       select o.id, log.last - :keptLines as upto
       from operations o
       cross join lateral (
         select min(sequence) as first, max(sequence) as last from operation_log where operation_id = o.id
       ) log
       where o.ended_at < :endedBefore and log.first <= log.last - :keptLines
       limit :batchSize
     ) old
     where line.operation_id = old.id and line.sequence <= old.upto`,
    { endedBefore, keptLines, batchSize },
  )
  return rowCount
}
