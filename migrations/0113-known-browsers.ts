import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** The browsers that somebody has signed in with, by a cookie that outlives sessions. Their person hears of a new one. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table known_browsers (
      user_id uuid not null references users on delete cascade,
      id_hash bytea not null,
      ip text not null,
      user_agent text not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      -- Null while its person is to be told of it.
      told_at timestamptz,
      primary key (user_id, id_hash)
    );
    create index known_browsers_untold on known_browsers (first_seen_at) where told_at is null;
    create index known_browsers_seen on known_browsers (last_seen_at);
  `)
  await grant(knex, 'known_browsers', { identity: all })
}
