import type { Knex } from 'knex'

/** Other settings of the CA reach edges that were set up before, and another account there is another account of ours. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A digest of the settings that it has; null where that was not written down yet.
    alter table fronts add column applied_ca text;
    alter table acme_accounts
      -- Empty where the CA knows its accounts by themselves.
      add column external_key_id text not null default '',
      drop constraint acme_accounts_pkey,
      add primary key (directory_url, external_key_id);
  `)
}
