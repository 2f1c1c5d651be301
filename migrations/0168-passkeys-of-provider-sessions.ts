import type { Knex } from 'knex'

/**
 * A passkey that was added in a session of a team's own sign-in is a second factor and signs nobody in by itself: whoever
 * runs that provider can be anybody who signs in by it, in that team and in no other.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table passkeys add column signs_in boolean not null default true;
    -- Nobody wrote down where those were added that are there.
    update passkeys set signs_in = false where user_id in (select user_id from identities where connection_id is not null);
  `)
}
