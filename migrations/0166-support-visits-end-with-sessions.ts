import type { Knex } from 'knex'

/** Whoever ends a session ends the visit of support that belonged to it, and says so, in one transaction. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    grant update (ended_at) on support_grants to hostler_identity;
    create index support_grants_left on support_grants (ends_at)
      where entered_at is not null and session_hash is null and ended_at is null;
  `)
}
