import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Names of sites, and what visitors who come by them meet. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table domains (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      site_id uuid not null references sites on delete cascade,
      -- ASCII in lower case, without the last dot; a wildcard is "*." and a name.
      name text not null check (name ~ '^(\\*\\.){0,1}([a-z0-9]([a-z0-9-]{0,61}[a-z0-9]){0,1}\\.)+[a-z0-9-]{2,63}$' and length(name) <= 253),
      -- Without its first label: names that overlap have it in common, so it is what is locked.
      parent text not null check (parent = substr(name, strpos(name, '.') + 1)),
      role text not null check (role in ('primary', 'serve', 'redirect')),
      redirect_status integer not null default 308 check (redirect_status = 301 or redirect_status = 308),
      -- What proves the name, by DNS or by HTTP. The same for a team and a name, also when it was removed meanwhile.
      token text not null,
      verified_at timestamptz,
      verified_by text check (verified_by in ('dns', 'http')),
      -- When it is looked at next; asked for by somebody, or by itself.
      check_due_at timestamptz not null,
      check_requested_at timestamptz,
      checked_at timestamptz,
      findings jsonb not null default '[]',
      -- Of the server, as they were found then: what the name has to point at.
      server_addresses jsonb not null default '[]',
      created_at timestamptz not null,
      unique (team_id, name)
    );
    -- RC-04: one name is one site's, whatever the team. Row-level security does not bind an index.
    create unique index domains_held on domains (name) where verified_at is not null;
    create index domains_overlap on domains (parent) where verified_at is not null;
    create unique index domains_primary on domains (site_id) where role = 'primary';
    create index domains_site on domains (site_id);
    create index domains_due on domains (check_due_at);

    create table fronts (
      site_id uuid primary key references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      force_https boolean not null default true,
      hsts boolean not null default false,
      -- Grows with each change; the edge has all of them once the applied one is the same.
      revision integer not null default 1,
      applied_revision integer,
      applied_edge text,
      applied_at timestamptz,
      tried_revision integer,
      -- Failures in a row, and when it is tried again.
      failures integer not null default 0,
      retry_at timestamptz,
      failure text,
      failure_hint text
    );
    create index fronts_waiting on fronts (site_id) where applied_revision is distinct from revision;
  `)
  const system = ['select', 'update'] as const
  await grant(knex, 'domains', { team: all, system, operator: ['select'] })
  await grant(knex, 'fronts', { team: all, system, operator: ['select'] })
}
