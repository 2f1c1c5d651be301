import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/**
 * Roles that the members of a directory's group hold. What follows from one stands in role_grants beside what was given
 * by hand, so whoever asks what somebody may do asks one table. A built-in role on the whole team, which is otherwise part
 * of the membership, can be held there as well, but not by hand, and never as an owner: a team keeps its owners.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table directory_roles (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      directory_group_id uuid not null references directory_groups on delete cascade,
      role text check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
      role_id uuid references roles on delete cascade,
      site_id uuid references sites on delete cascade,
      server_id uuid references servers on delete cascade,
      group_id uuid references site_groups on delete cascade,
      -- As the events of those who get it say it.
      role_name text not null,
      thing_name text,
      created_by text not null,
      created_at timestamptz not null,
      check (num_nonnulls(role, role_id) = 1),
      check (num_nonnulls(site_id, server_id, group_id) <= 1),
      check (role is distinct from 'owner' or num_nonnulls(site_id, server_id, group_id) = 1)
    );
    create unique index directory_roles_once on directory_roles
      (directory_group_id, coalesce(role, role_id::text), coalesce(site_id, server_id, group_id, team_id));
    create index directory_roles_team on directory_roles (team_id);
    create index directory_roles_role on directory_roles (role_id);
    create index directory_roles_site on directory_roles (site_id);
    create index directory_roles_server on directory_roles (server_id);
    create index directory_roles_group on directory_roles (group_id);

    alter table role_grants add column directory_role_id uuid references directory_roles on delete cascade;
    create index role_grants_directory_role on role_grants (directory_role_id) where directory_role_id is not null;
    -- Of the table's three without a name.
    do $$ begin
      execute (select format('alter table role_grants drop constraint %I', conname) from pg_constraint
        where conrelid = 'role_grants'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%role IS NULL%');
    end $$;
    alter table role_grants
      add constraint role_grants_whole_team check (role is null or num_nonnulls(site_id, server_id, group_id) = 1
        or directory_role_id is not null and role <> 'owner') not valid;
    alter table role_grants validate constraint role_grants_whole_team;
    -- By hand and by each group once, so that the end of one leaves the others.
    drop index role_grants_once;
    create unique index role_grants_once on role_grants (user_id, team_id, coalesce(role, role_id::text),
      coalesce(site_id, server_id, group_id, team_id), coalesce(directory_role_id, team_id));
  `)
  const part = { rights: all, sees: seesAll } as const
  await grant(knex, 'directory_roles', { team: all, part, identity: all })
}
