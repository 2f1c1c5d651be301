import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** A site: where its source is, how it is built and run, on which server. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sites (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      server_id uuid not null references servers on delete restrict,
      slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,40}$'),
      name text not null,
      state text not null default 'inactive' check (state in ('active', 'inactive', 'suspended', 'deactivated', 'archived')),
      state_reason text,
      repository_url text not null,
      branch text not null,
      credential_kind text not null check (credential_kind in ('none', 'token', 'deploy-key')),
      credential_sealed text,
      deploy_public_key text,
      runtime text not null check (runtime in ('docker', 'process')),
      edge text not null check (edge in ('caddy', 'direct')),
      stack text not null check (stack in ('static', 'node', 'dockerfile')),
      node_version text,
      root_folder text not null default '',
      build_command text,
      start_command text,
      static_folder text,
      release_command text,
      health_path text not null default '/',
      health_deadline_seconds integer not null default 30 check (health_deadline_seconds between 1 and 600),
      drain_seconds integer not null default 30 check (drain_seconds between 0 and 600),
      watch_seconds integer not null default 10 check (watch_seconds between 0 and 600),
      memory_mb integer not null default 512 check (memory_mb between 64 and 1048576),
      cpus numeric(6,2) not null default 1 check (cpus between 0.05 and 256),
      keep_releases integer not null default 10 check (keep_releases between 2 and 100),
      -- The port visitors use on that server.
      port integer not null check (port between 1024 and 65535),
      live_release_id uuid,
      next_release integer not null default 1,
      delete_requested_at timestamptz,
      created_at timestamptz not null,
      unique (team_id, slug),
      unique (server_id, port)
    );
    create index sites_server on sites (server_id);
    create index sites_team_created on sites (team_id, created_at desc, id desc);

    create table environment_variables (
      site_id uuid not null references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      key text not null check (key ~ '^[A-Za-z_][A-Za-z0-9_]*$'),
      kind text not null check (kind in ('run', 'build', 'both')),
      is_secret boolean not null,
      value_sealed text not null,
      -- Keyed hash of the value, so that two releases can be compared without opening either.
      value_digest bytea not null,
      updated_at timestamptz not null,
      primary key (site_id, key)
    );
  `)
  await grant(knex, 'sites', { team: all, system: ['select', 'update', 'delete'], operator: ['select', 'update'] })
  await grant(knex, 'environment_variables', { team: all })
}
