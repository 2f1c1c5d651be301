import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Releases are what was built; deploys are the acts that put one live; instances are what runs. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table releases (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      number integer not null,
      commit_sha text not null,
      commit_subject text not null,
      commit_author text not null,
      committed_at timestamptz,
      runtime text not null check (runtime in ('docker', 'process')),
      stack text not null,
      node_version text,
      -- What the runtime needs to start it again: image or folder.
      artifact text,
      -- The settings and the environment it was built with; values are sealed.
      settings jsonb not null,
      environment_sealed text not null,
      environment_digests jsonb not null,
      state text not null check (state in ('building', 'kept', 'live', 'failed', 'pruned')),
      created_at timestamptz not null,
      live_at timestamptz,
      unique (site_id, number)
    );
    create table deploys (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      operation_id uuid not null unique references operations on delete cascade,
      number integer not null,
      kind text not null check (kind in ('deploy', 'rollback')),
      -- A branch to take the newest commit of, or one exact commit.
      branch text not null,
      commit_sha text,
      release_id uuid references releases on delete set null,
      -- For a rollback: what to go back to. For a finished deploy: what it replaced.
      target_release_id uuid references releases on delete set null,
      replaced_release_id uuid references releases on delete set null,
      -- How it went is its operation's status; these two say more than that can.
      folded_into uuid references deploys on delete set null,
      rolled_back_at timestamptz,
      requested_by text not null,
      created_at timestamptz not null,
      unique (site_id, number)
    );
    create index deploys_site on deploys (site_id, number desc);
    create index deploys_team on deploys (team_id, created_at desc);
    create table instances (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      server_id uuid not null references servers on delete cascade,
      release_id uuid not null references releases on delete cascade,
      port integer not null check (port between 1024 and 65535),
      state text not null check (state in ('starting', 'live', 'draining', 'retired')),
      created_at timestamptz not null,
      retired_at timestamptz
    );
    create unique index instances_port on instances (server_id, port) where state <> 'retired';
    create index instances_site on instances (site_id) where state <> 'retired';
    alter table sites add foreign key (live_release_id) references releases on delete set null;
  `)
  for (const table of ['releases', 'deploys', 'instances']) {
    await grant(knex, table, { team: all, system: ['select', 'update'], operator: ['select'] })
  }
}
