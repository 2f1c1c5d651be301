import type { Knex } from 'knex'

/**
 * A wildcard that belongs to a server gives each of its sites a name. It is a domain like any other, so whose it is and how it is proven
 * is decided in one place; it has a server where others have a site.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table domains
      alter column site_id drop not null,
      add column server_id uuid unique references servers on delete cascade,
      -- Given by that one, and gone with it.
      add column sites_domain_id uuid references domains on delete cascade,
      add constraint domains_of_site_or_server check (num_nonnulls(site_id, server_id) = 1),
      -- There is no name of one part that all sites could be shown by.
      add constraint domains_of_server check (server_id is null or (name like '*.%' and role = 'serve')),
      -- What people see in their browser is for them to choose.
      add constraint domains_given check (sites_domain_id is null or (site_id is not null and role <> 'primary' and verified_at is not null)),
      drop constraint domains_verified_by_check,
      add constraint domains_verified_by_check check (verified_by in ('dns', 'http', 'sites-domain'));
    create unique index domains_given_once on domains (sites_domain_id, site_id);
  `)
}
