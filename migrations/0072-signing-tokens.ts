import type { Knex } from 'knex'

/** The secret of a webhook may be one that the host made: it signs with it, and never sends it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository_connections
      add column has_signing_token boolean not null default false,
      add constraint a_signing_token_is_a_secret check (secret_sealed is not null or not has_signing_token);
  `)
}
