import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What a team asks of the sign-ins of its people, and what the panel asks of everybody's (no team). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sign_in_rules (
      team_id uuid unique nulls not distinct references teams on delete cascade,
      requires_factor boolean not null,
      idle_minutes integer check (idle_minutes between 5 and 10080),
      longest_hours integer check (longest_hours between 1 and 720)
    )
  `)
  await grant(knex, 'sign_in_rules', { team: all, identity: ['select'], operator: all })
}
