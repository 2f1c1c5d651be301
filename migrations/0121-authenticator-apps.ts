import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Apps that make six-digit codes, and the codes on paper for when such an app is lost. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table authenticator_apps (
      id uuid primary key,
      user_id uuid not null references users on delete cascade,
      secret_sealed text not null,
      last_step bigint not null default 0,
      confirmed_at timestamptz,
      created_at timestamptz not null
    );
    create unique index authenticator_apps_confirmed on authenticator_apps (user_id) where confirmed_at is not null;
    create unique index authenticator_apps_waiting on authenticator_apps (user_id) where confirmed_at is null;
    create table recovery_codes (
      user_id uuid not null references users on delete cascade,
      code_hash bytea not null,
      used_at timestamptz,
      created_at timestamptz not null,
      primary key (user_id, code_hash)
    );
  `)
  await grant(knex, 'authenticator_apps', { identity: all })
  await grant(knex, 'recovery_codes', { identity: all })
}
