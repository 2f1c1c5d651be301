import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/** Identity providers that speak SAML, and what one of them proved of somebody whose browser has yet to come and get it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sign_in_connections drop constraint sign_in_connections_kind_check;
    alter table sign_in_connections add check (kind in ('oidc', 'saml'));
    create table saml_settings (
      connection_id uuid primary key references sign_in_connections on delete cascade,
      team_id uuid not null references teams on delete cascade,
      entity_id text not null,
      sso_url text not null,
      -- As PEM. Two while the provider changes its key.
      certificates text[] not null check (cardinality(certificates) between 1 and 4),
      changed_at timestamptz not null
    );
    create index saml_settings_team on saml_settings (team_id);
    alter table sign_in_flows add column proof jsonb;
  `)
  const part = { rights: all, sees: seesAll } as const
  await grant(knex, 'saml_settings', { team: all, part, identity: ['select'] })
}
