import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** A push becomes a deploy: what hosts tell us, what came of it for each site, and what a site asks for. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table sites
      -- 'github.com/acme/shop', however it is cloned.
      add column repository_key text not null default '',
      add column auto_deploy boolean not null default false,
      add column watched_paths text[] not null default '{}',
      add column ignored_paths text[] not null default '{}',
      add column frozen_until timestamptz,
      add column frozen_reason text,
      -- The newest commit of the branch that a push told of or that was found by asking.
      add column seen_commit text,
      -- Whether it was deployed for that, or left out for a reason.
      add column seen_deployed boolean not null default false,
      add column reconcile_at timestamptz,
      add column reconcile_failures integer not null default 0,
      add column reconcile_fault text,
      add column deploy_hook_hash bytea unique;
    create index sites_repository on sites (team_id, repository_key);
    create index sites_reconcile on sites (reconcile_at) where auto_deploy and delete_requested_at is null;

    create table repository_connections (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      host text not null check (host in ('github', 'gitlab', 'gitea')),
      repository_key text not null check (repository_key <> ''),
      secret_sealed text not null,
      created_by text not null,
      created_at timestamptz not null,
      last_delivery_at timestamptz,
      unique (team_id, host, repository_key)
    );
    create index connections_repository on repository_connections (host, repository_key);

    create table webhook_deliveries (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      connection_id uuid not null references repository_connections on delete cascade,
      -- What the host itself calls it: sent again, it is the same.
      delivery text not null,
      event text not null,
      headers jsonb not null,
      body bytea not null,
      received_at timestamptz not null,
      -- Null until somebody has looked at it.
      outcome text check (outcome in ('judged', 'ping', 'not-used', 'unreadable', 'other-repository')),
      why text,
      branch text,
      commit_sha text,
      commit_subject text,
      pusher text,
      unique (connection_id, delivery)
    );
    create index deliveries_team on webhook_deliveries (team_id, received_at desc, id desc);
    create index deliveries_waiting on webhook_deliveries (received_at) where outcome is null;
    create index deliveries_received on webhook_deliveries (received_at);

    create table delivery_verdicts (
      delivery_id uuid not null references webhook_deliveries on delete cascade,
      site_id uuid not null references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      verdict text not null check (verdict in ('deployed', 'folded', 'already-deployed', 'other-branch', 'no-branch', 'branch-deleted',
        'auto-deploy-off', 'site-closed', 'frozen', 'skipped', 'paths-did-not-match')),
      detail text,
      deploy_id uuid references deploys on delete set null,
      judged_at timestamptz not null,
      primary key (delivery_id, site_id)
    );
    create index verdicts_site on delivery_verdicts (site_id, judged_at desc);

    -- What was turned away: counted by the hour, and nothing of it kept, so that nobody can fill this.
    create table refused_deliveries (
      team_id uuid not null references teams on delete cascade,
      host text not null check (host in ('github', 'gitlab', 'gitea')),
      repository_key text not null,
      why text not null check (why in ('bad-signature', 'not-connected')),
      hour timestamptz not null,
      count integer not null,
      last_at timestamptz not null,
      primary key (team_id, host, repository_key, why, hour)
    );
  `)
  const sites = await knex('sites').select('id', 'repository_url')
  for (const { id, repository_url } of sites)
    await knex('sites')
      .where({ id })
      .update({ repository_key: keyOf(repository_url) })

  await grant(knex, 'repository_connections', { team: all, system: ['select', 'update'], operator: ['select'] })
  await grant(knex, 'webhook_deliveries', {
    team: ['select', 'update'],
    system: ['select', 'insert', 'update', 'delete'],
    operator: ['select'],
  })
  await grant(knex, 'delivery_verdicts', {
    team: ['select', 'insert', 'update'],
    system: ['select'],
    operator: ['select'],
  })
  await grant(knex, 'refused_deliveries', {
    team: ['select'],
    system: ['select', 'insert', 'update', 'delete'],
    operator: ['select'],
  })
}

/** As the code spells it on the day of this migration. */
const keyOf = (url: string): string =>
  url
    .replace(/^(https?|ssh):\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(\d+\/)?/, '$1/')
    .replace(/^(ssh|www)\.github\.com\//, 'github.com/')
    .replace(/^altssh\./, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .toLowerCase()
