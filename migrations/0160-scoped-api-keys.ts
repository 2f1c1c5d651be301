import type { Knex } from 'knex'

/**
 * Keys that are a person's or the team's own, that hold chosen permissions on a part of the team, that are taken from
 * some addresses alone, and that may be seen by everybody.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table api_keys
      alter column role drop not null,
      add column owner text not null default 'person' check (owner in ('person', 'team')),
      add column is_publishable boolean not null default false,
      add column permissions text[],
      add column site_id uuid references sites on delete cascade,
      add column server_id uuid references servers on delete cascade,
      add column group_id uuid references site_groups on delete cascade,
      add column networks text[] not null default '{}',
      add column replaced_by uuid references api_keys on delete set null,
      add check (num_nonnulls(role, permissions) = 1),
      add check (num_nonnulls(site_id, server_id, group_id) <= 1);
    create index api_keys_site on api_keys (site_id) where site_id is not null;
    create index api_keys_server on api_keys (server_id) where server_id is not null;
    create index api_keys_group on api_keys (group_id) where group_id is not null;
    create index api_keys_replaced on api_keys (replaced_by) where replaced_by is not null;
  `)
}
