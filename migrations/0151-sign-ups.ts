import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What the operator chooses for the whole panel, and who asked for an account and has not opened the link yet. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table panel_settings (
      only_row boolean primary key default true check (only_row),
      sign_up text not null default 'invitation' check (sign_up in ('open', 'invitation', 'closed')),
      support text not null default 'consent' check (support in ('consent', 'policy'))
    );
    insert into panel_settings default values;
    create table sign_ups (
      email text primary key,
      token_hash bytea not null unique,
      made_at timestamptz not null
    );
    create index sign_ups_made on sign_ups (made_at);
  `)
  await grant(knex, 'panel_settings', { identity: ['select', 'update'], system: ['select'], operator: ['select'] })
  await grant(knex, 'sign_ups', { identity: all })
}
