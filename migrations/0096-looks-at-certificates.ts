import type { Knex } from 'knex'

/** Whoever looks at a certificate takes it first, also the first time, when there is nothing seen yet. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table certificates
      alter column seen_at drop not null,
      -- The end that told_days is about.
      add column told_end timestamptz;
    update certificates set told_end = ends_at where told_days is not null;
  `)
}
