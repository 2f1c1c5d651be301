import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What visitors of a site meet before they get it, by any of its names and by its port. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table fronts
      -- [{ name, value }], in the order they were given.
      add column headers jsonb not null default '[]',
      add column in_maintenance boolean not null default false,
      -- Stays when the maintenance ends, for the next one.
      add column maintenance_text text not null default '' check (length(maintenance_text) <= 2000);

    create table visitor_passwords (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      username text not null check (username ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'),
      -- bcrypt, as the edge takes it.
      password_hash text not null check (password_hash like '$2%'),
      changed_at timestamptz not null,
      unique (site_id, username)
    );
  `)
  await grant(knex, 'visitor_passwords', { team: all, system: ['select'], operator: ['select'] })
}
