import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** A GitHub App of a team: made from a manifest, installed on accounts, and the repositories that it may see there. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table github_apps (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      -- As it stands in the keys of repositories: 'github.com'.
      host text not null,
      -- Where people meet it, and where it is spoken to.
      web_url text not null,
      api_url text not null,
      -- What GitHub calls it.
      app_id text not null check (app_id ~ '^[0-9]+$'),
      name text not null,
      -- Its own page, for people to install it from.
      page_url text not null,
      owner text not null,
      private_key_sealed text not null,
      webhook_secret_sealed text not null,
      client_secret_sealed text not null,
      created_by text not null,
      created_at timestamptz not null,
      last_delivery_at timestamptz,
      -- One app is one team's.
      unique (host, app_id)
    );
    create index github_apps_team on github_apps (team_id);
    create index github_apps_hint on github_apps (app_id);

    -- A way to GitHub that somebody has begun, and comes back from with the word whose hash this is.
    create table github_app_starts (
      hash bytea primary key,
      team_id uuid not null references teams on delete cascade,
      -- Of the browser's session: another one may not come back in its place.
      session_hash bytea not null,
      -- What it is to install; null for an app that is still to be made, at this address.
      github_app_id uuid references github_apps on delete cascade,
      web_url text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index github_app_starts_team on github_app_starts (team_id, expires_at);

    create table github_installations (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      github_app_id uuid not null references github_apps on delete cascade,
      installation_id text not null check (installation_id ~ '^[0-9]+$'),
      account text not null,
      selection text not null check (selection in ('all', 'selected')),
      suspended_at timestamptz,
      created_at timestamptz not null,
      -- When GitHub last told what is in it, when it is asked next, and what was in the way.
      refreshed_at timestamptz,
      refresh_at timestamptz,
      refresh_failures integer not null default 0,
      refresh_fault text,
      unique (github_app_id, installation_id)
    );
    create index github_installations_refresh on github_installations (refresh_at);
    create index github_installations_team on github_installations (team_id);

    create table github_repositories (
      installation_id uuid not null references github_installations on delete cascade,
      team_id uuid not null references teams on delete cascade,
      remote_id text not null check (remote_id ~ '^[0-9]+$'),
      -- 'github.com/acme/shop'
      repository_key text not null,
      -- 'Acme/Shop', as its owner spells it.
      full_name text not null,
      is_private boolean not null,
      default_branch text not null,
      primary key (installation_id, remote_id)
    );
    create index github_repositories_key on github_repositories (team_id, repository_key);

    -- Tokens live for an hour; each is for one use and, but for lists, for one repository.
    create table github_tokens (
      installation_id uuid not null references github_installations on delete cascade,
      team_id uuid not null references teams on delete cascade,
      scope text not null,
      token_sealed text,
      expires_at timestamptz,
      -- Whoever asks GitHub for the next one has so long; others wait for it.
      claimed_until timestamptz,
      primary key (installation_id, scope)
    );
  `)
  await grant(knex, 'github_apps', { team: all, system: ['select', 'update'], operator: ['select'] })
  await grant(knex, 'github_app_starts', { team: all, operator: ['select'] })
  await grant(knex, 'github_installations', { team: all, system: ['select', 'update'], operator: ['select'] })
  await grant(knex, 'github_repositories', { team: all, system: ['select'], operator: ['select'] })
  await grant(knex, 'github_tokens', { team: all })
}
