import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Passkeys, and the challenges that they sign: one for each browser and purpose at a time. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table passkeys (
      id uuid primary key,
      user_id uuid not null references users on delete cascade,
      credential_id text not null unique,
      public_key bytea not null,
      counter bigint not null,
      transports text[] not null,
      name text not null,
      created_at timestamptz not null,
      last_used_at timestamptz
    );
    create index passkeys_user on passkeys (user_id);
    create table passkey_challenges (
      holder text not null,
      purpose text not null check (purpose in ('add', 'sign-in', 'factor', 'proof')),
      challenge text not null unique,
      expires_at timestamptz not null,
      primary key (holder, purpose)
    );
    create index passkey_challenges_expires on passkey_challenges (expires_at);
  `)
  await grant(knex, 'passkeys', { identity: all })
  await grant(knex, 'passkey_challenges', { identity: all })
}
