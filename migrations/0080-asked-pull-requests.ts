import type { Knex } from 'knex'

/** Pull requests that are open are asked after: a delivery may be lost. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table previews
      -- Not before. Whoever asks moves this on first, so that nobody else does meanwhile.
      add column ask_at timestamptz not null default now();
    create index previews_ask on previews (ask_at) where is_open;
  `)
}
