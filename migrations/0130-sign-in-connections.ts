import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/** Sign-in by a team's own identity provider: the connections, who somebody is at them, and the ways there that were begun. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sign_in_connections (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      kind text not null check (kind in ('oidc')),
      -- As the people of the team call it: 'Okta'.
      name text not null,
      -- Of who comes for the first time, with an address of a domain that the team has proven. Null: only who is a member.
      default_role text check (default_role in ('admin', 'developer', 'billing', 'viewer')),
      created_by text not null,
      created_at timestamptz not null,
      unique (team_id, name)
    );
    create table oidc_settings (
      connection_id uuid primary key references sign_in_connections on delete cascade,
      team_id uuid not null references teams on delete cascade,
      issuer text not null,
      client_id text not null,
      client_secret_sealed text not null,
      -- What the provider says of itself, and when it was asked.
      metadata jsonb not null,
      metadata_at timestamptz not null
    );
    create index oidc_settings_team on oidc_settings (team_id);

    -- Who somebody is elsewhere. An address alone is nobody (SO-02).
    create table identities (
      id uuid primary key,
      -- Null once the person is gone: whoever was removed does not come back by signing in again (SO-04).
      user_id uuid references users on delete set null,
      provider text not null check (provider in ('connection')),
      connection_id uuid references sign_in_connections on delete cascade,
      subject text not null,
      -- For its owner to recognise it by.
      email text,
      created_at timestamptz not null,
      last_used_at timestamptz,
      check ((provider = 'connection') = (connection_id is not null)),
      unique nulls not distinct (provider, connection_id, subject)
    );
    create index identities_user on identities (user_id);
    create index identities_connection on identities (connection_id);

    -- A way to a provider that somebody has begun, and comes back from with the word whose hash this is.
    create table sign_in_flows (
      hash bytea primary key,
      -- Of the cookie of the browser that left: no other one may come back in its place.
      browser_hash bytea not null,
      provider text not null check (provider in ('connection')),
      connection_id uuid references sign_in_connections on delete cascade,
      intent text not null check (intent in ('sign-in', 'link', 'trial')),
      -- Who is signed in, and links or tries.
      user_id uuid references users on delete cascade,
      next text not null,
      expires_at timestamptz not null,
      check ((intent = 'sign-in') = (user_id is null))
    );
    create index sign_in_flows_expires on sign_in_flows (expires_at);
    create index sign_in_flows_connection on sign_in_flows (connection_id);
    create index sign_in_flows_user on sign_in_flows (user_id);

    -- A session ends with the connection that began it.
    alter table sessions add column if not exists connection_id uuid;
    alter table sessions add foreign key (connection_id) references sign_in_connections on delete cascade;
    create index sessions_connection on sessions (connection_id);
  `)
  const part = { rights: all, sees: seesAll } as const
  await grant(knex, 'sign_in_connections', { team: all, part, identity: ['select'] })
  await grant(knex, 'oidc_settings', { team: all, part, identity: ['select', 'update'] })
  await grant(knex, 'identities', { identity: all, operator: ['select'] })
  await grant(knex, 'sign_in_flows', { identity: all })
}
