import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/**
 * What a company's directory tells of its people and groups by SCIM, each directory beside the sign-in connection that it
 * belongs to, and the tokens by which it comes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table directory_tokens (
      id uuid primary key,
      connection_id uuid not null references sign_in_connections on delete cascade,
      team_id uuid not null references teams on delete cascade,
      prefix text not null,
      token_hash bytea not null unique,
      -- What its maker was allowed: the directory does no more.
      permissions text[] not null,
      created_by text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      last_used_at timestamptz,
      replaced_by uuid references directory_tokens on delete set null,
      revoked_at timestamptz
    );
    create index directory_tokens_connection on directory_tokens (connection_id);
    create index directory_tokens_team on directory_tokens (team_id);
    create index directory_tokens_replaced on directory_tokens (replaced_by) where replaced_by is not null;

    create table directory_users (
      id uuid primary key,
      connection_id uuid not null references sign_in_connections on delete cascade,
      team_id uuid not null references teams on delete cascade,
      user_name text not null,
      external_id text,
      display_name text,
      given_name text,
      family_name text,
      email text not null,
      -- What the directory says; whether they are in the team is said by memberships alone.
      is_active boolean not null,
      -- Null until they were active for the first time, and once the account is gone.
      user_id uuid references users on delete set null,
      made_account boolean not null default false,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      -- Kept, so that nobody comes back by signing in whom the directory removed (SO-04).
      deleted_at timestamptz
    );
    create unique index directory_users_name on directory_users (connection_id, lower(user_name)) where deleted_at is null;
    create unique index directory_users_person on directory_users (connection_id, user_id) where deleted_at is null;
    create index directory_users_external on directory_users (connection_id, external_id);
    create index directory_users_email on directory_users (connection_id, lower(email));
    create index directory_users_team on directory_users (team_id);
    create index directory_users_user on directory_users (user_id);

    create table directory_groups (
      id uuid primary key,
      connection_id uuid not null references sign_in_connections on delete cascade,
      team_id uuid not null references teams on delete cascade,
      display_name text not null,
      external_id text,
      created_at timestamptz not null,
      changed_at timestamptz not null
    );
    create unique index directory_groups_name on directory_groups (connection_id, lower(display_name));
    create index directory_groups_team on directory_groups (team_id);

    create table directory_group_members (
      directory_group_id uuid not null references directory_groups on delete cascade,
      directory_user_id uuid not null references directory_users on delete cascade,
      team_id uuid not null references teams on delete cascade,
      primary key (directory_group_id, directory_user_id)
    );
    create index directory_group_members_user on directory_group_members (directory_user_id);
    create index directory_group_members_team on directory_group_members (team_id);

    -- PostgreSQL chose its name, since the table of before had one of that name.
    do $$ begin
      execute (select format('alter table events drop constraint %I', conname) from pg_constraint
        where conrelid = 'events'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%actor_kind%');
    end $$;
    -- It allows more than the one before, so there is no row that would have to be looked at.
    alter table events add constraint events_actor_kind_check
      check (actor_kind in ('user', 'api-key', 'directory', 'system')) not valid;
  `)
  const part = { rights: all, sees: seesAll } as const
  for (const table of ['directory_tokens', 'directory_users', 'directory_groups', 'directory_group_members'])
    await grant(knex, table, { team: all, part, identity: all })
}
