import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What hosts are to be told of deploys: written down with the place in the event log, and sent afterwards. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository_connections
      -- 'status' or 'deployment': that the one is taken does not mend the other.
      add column statuses_fault_kind text;

    create table commit_statuses (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      connection_id uuid not null references repository_connections on delete cascade,
      site_id uuid not null references sites on delete cascade,
      deploy_id uuid not null references deploys on delete cascade,
      -- Of the event that it tells of, whose place in the log is its own.
      event_id uuid not null,
      sequence bigint not null,
      kind text not null check (kind in ('status', 'deployment')),
      commit_sha text not null,
      context text not null,
      state text not null check (state in ('queued', 'running', 'live', 'failed', 'cancelled', 'superseded')),
      description text not null,
      created_at timestamptz not null,
      attempts integer not null default 0,
      -- Not before. Whoever sends it moves this on first, so that nobody else sends it meanwhile.
      attempt_at timestamptz not null,
      -- Null while it waits.
      outcome text check (outcome in ('sent', 'given-up')),
      why text,
      ended_at timestamptz,
      unique (event_id, connection_id, deploy_id, kind, commit_sha)
    );
    create index statuses_due on commit_statuses (attempt_at) where outcome is null;
    create index statuses_order on commit_statuses (connection_id, kind, commit_sha, context, sequence, id) where outcome is null;
    create index statuses_deploy on commit_statuses (deploy_id);
    create index statuses_ended on commit_statuses (ended_at) where outcome is not null;

    -- What the host calls a deploy of ours.
    create table host_deployments (
      connection_id uuid not null references repository_connections on delete cascade,
      deploy_id uuid not null references deploys on delete cascade,
      team_id uuid not null references teams on delete cascade,
      remote_id text not null,
      primary key (connection_id, deploy_id)
    );
    create index host_deployments_deploy on host_deployments (deploy_id);
  `)
  await grant(knex, 'commit_statuses', {
    team: ['select', 'update'],
    system: all,
    operator: ['select'],
  })
  await grant(knex, 'host_deployments', { team: all, operator: ['select'] })
}
