import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/** Roles that a team makes itself, groups of its sites, and who holds which role on what. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table roles (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      name text not null,
      permissions text[] not null,
      created_at timestamptz not null
    );
    create unique index roles_name on roles (team_id, lower(name));

    create table site_groups (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      name text not null,
      created_at timestamptz not null
    );
    create unique index site_groups_name on site_groups (team_id, lower(name));

    create table grouped_sites (
      group_id uuid not null references site_groups on delete cascade,
      site_id uuid not null references sites on delete cascade,
      team_id uuid not null references teams on delete cascade,
      primary key (group_id, site_id)
    );
    create index grouped_sites_site on grouped_sites (site_id);

    alter table memberships alter column role drop not null;
    comment on column memberships.role is 'On the whole team; null for a member who holds only what role_grants say';

    create table role_grants (
      id uuid primary key,
      team_id uuid not null,
      user_id uuid not null,
      role text check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
      role_id uuid references roles on delete cascade,
      site_id uuid references sites on delete cascade,
      server_id uuid references servers on delete cascade,
      group_id uuid references site_groups on delete cascade,
      granted_by text not null,
      created_at timestamptz not null,
      foreign key (team_id, user_id) references memberships on delete cascade,
      check (num_nonnulls(role, role_id) = 1),
      check (num_nonnulls(site_id, server_id, group_id) <= 1),
      check (role is null or num_nonnulls(site_id, server_id, group_id) = 1)
    );
    create unique index role_grants_once on role_grants
      (user_id, team_id, coalesce(role, role_id::text), coalesce(site_id, server_id, group_id, team_id));
    create index role_grants_team on role_grants (team_id);
    create index role_grants_role on role_grants (role_id);
    create index role_grants_site on role_grants (site_id);
    create index role_grants_server on role_grants (server_id);
    create index role_grants_group on role_grants (group_id);
  `)
  const part = { rights: ['select'], sees: seesAll } as const
  await grant(knex, 'roles', { team: all, part, identity: ['select'], operator: ['select'] })
  await grant(knex, 'site_groups', { team: all, part, operator: ['select'] })
  await grant(knex, 'grouped_sites', { team: all, part, operator: ['select'] })
  await grant(knex, 'role_grants', { team: all, part, identity: all, operator: ['select'] })
}
