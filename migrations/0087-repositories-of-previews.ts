import type { Knex } from 'knex'

/** A site may get another repository, whose pull requests have the same numbers. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table previews add column repository_key text;
    update previews set repository_key = sites.repository_key from sites where sites.id = previews.site_id;
    alter table previews
      alter column repository_key set not null,
      drop constraint previews_site_id_number_key,
      add unique (site_id, repository_key, number);
  `)
}
