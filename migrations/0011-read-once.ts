import type { Knex } from 'knex'
import { currentTeam } from '../server/platform/db/grants.js'

/** What every page pays for: the team is looked up once for a statement instead of for each row, and servers are listed by an index. */
export async function up(knex: Knex): Promise<void> {
  const policies = await knex.raw<{ rows: { tablename: string }[] }>(
    `select tablename from pg_policies where schemaname = current_schema() and policyname = 'team'`,
  )
  for (const { tablename } of policies.rows) {
    const column = tablename === 'teams' ? 'id' : 'team_id'
    await knex.raw(`alter policy team on ?? using (?? = ${currentTeam})`, [tablename, column])
  }
  await knex.raw('create index servers_team_created on servers (team_id, created_at desc, id desc)')
}
