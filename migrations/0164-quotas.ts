import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** How often each team did what it may do only so often, in the window that is open: one row for each, over and over. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table quota_counts (
      team_id uuid not null references teams on delete cascade,
      name text not null,
      count integer not null,
      window_ends_at timestamptz not null,
      primary key (team_id, name)
    );
  `)
  await grant(knex, 'quota_counts', { identity: all, system: all })
}
