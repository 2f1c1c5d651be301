import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/**
 * What was refused in an hour, and how often: the first time is an event at once, the rest one event when the hour is
 * over. `key` is a hash of what makes two refusals the same.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table refusals (
      key bytea primary key,
      team_id uuid references teams on delete cascade,
      type text not null,
      hour timestamptz not null,
      actor jsonb not null,
      event jsonb not null,
      times integer not null
    );
    create index refusals_of_hour on refusals (hour, type, team_id);
    create index refusals_team on refusals (team_id) where team_id is not null;
  `)
  await grant(knex, 'refusals', { identity: all, system: all })
}
