import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Links with which people choose a new password: one for each person at most, kept as hashes. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table password_resets (
      user_id uuid primary key references users on delete cascade,
      token_hash bytea not null unique,
      bound_to bytea not null,
      made_at timestamptz not null
    )
  `)
  await grant(knex, 'password_resets', { identity: all })
}
