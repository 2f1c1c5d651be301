import type { Knex } from 'knex'

/** What waits for DNS is remembered, so that no worker waits with it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table dns_challenges
      -- Who works on it, and until when nobody else does.
      add column taken_by uuid,
      add column taken_until timestamptz,
      -- At the CA, and since when its record stands: gone on with at due_at.
      add column order_url text,
      add column record_set_at timestamptz;
    create index dns_challenges_taken on dns_challenges (taken_until) where taken_until is not null;
  `)
}
