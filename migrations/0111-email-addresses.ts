import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Addresses that their owners have proven, and the way from one to another. Whoever is here already counts as proven. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table users add column email_verified_at timestamptz;
    update users set email_verified_at = created_at;

    -- The link that proves an address: the person's own, or the one that they want instead.
    create table email_confirmations (
      user_id uuid primary key references users on delete cascade,
      email text not null,
      token_hash bytea not null unique,
      -- What they sign in with. The link ends when that changes.
      bound_to bytea not null,
      made_at timestamptz not null
    );

    -- The links with which an address that was replaced is brought back.
    create table email_undos (
      token_hash bytea primary key,
      user_id uuid not null references users on delete cascade,
      email text not null,
      made_at timestamptz not null
    );
    create index email_undos_user on email_undos (user_id);
  `)
  for (const table of ['email_confirmations', 'email_undos']) await grant(knex, table, { identity: all })
}
