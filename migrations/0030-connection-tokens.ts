import type { Knex } from 'knex'

/** With a token a connection also speaks to its host: it tells how deploys went. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository_connections
      add column token_sealed text,
      add column token_by text,
      add column token_at timestamptz,
      -- Where the host's API is, if not where it is for every host of the kind.
      add column api_url text,
      -- What the host last said against it, and when it last took what it was sent.
      add column statuses_fault text,
      add column statuses_fault_at timestamptz,
      add column statuses_sent_at timestamptz`)
}
