import type { TeamRef } from '../access/ctx.js'
import type { TransactionOf } from '../db/doors.js'

export const maybeTeam = (db: TransactionOf<'system'>, id: string): Promise<TeamRef | undefined> =>
  db('teams').select('id', 'slug', 'name').where({ id }).first()
