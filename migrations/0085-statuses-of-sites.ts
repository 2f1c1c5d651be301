import type { Knex } from 'knex'

/** Of a site that is gone, what its commits were told is looked for: each is to hear of an end. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index statuses_site on commit_statuses (site_id)')
}
