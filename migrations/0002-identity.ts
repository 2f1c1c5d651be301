import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Who people are, which teams they belong to, and how they prove it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table teams (
      id uuid primary key,
      slug text not null unique check (slug ~ '^[a-z][a-z0-9-]{1,40}$'),
      name text not null,
      created_at timestamptz not null
    );
    create table users (
      id uuid primary key,
      email text not null,
      name text not null,
      password_hash text not null,
      is_operator boolean not null default false,
      disabled_at timestamptz,
      created_at timestamptz not null
    );
    create unique index users_email on users (lower(email));
    create table memberships (
      team_id uuid not null references teams on delete cascade,
      user_id uuid not null references users on delete cascade,
      role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
      created_at timestamptz not null,
      primary key (team_id, user_id)
    );
    create index memberships_user on memberships (user_id);
    create table sessions (
      id_hash bytea primary key,
      user_id uuid not null references users on delete cascade,
      csrf_secret bytea not null,
      flash jsonb,
      ip text,
      user_agent text,
      created_at timestamptz not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null
    );
    create index sessions_user on sessions (user_id);
    create index sessions_expires on sessions (expires_at);
    create table api_keys (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      created_by uuid references users on delete set null,
      name text not null,
      role text not null check (role in ('owner', 'admin', 'developer', 'billing', 'viewer')),
      prefix text not null,
      key_hash bytea not null unique,
      last_used_at timestamptz,
      expires_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz not null
    );
    create index api_keys_team on api_keys (team_id);
    create table setup (
      only_row boolean primary key default true check (only_row),
      token_hash bytea not null,
      made_at timestamptz not null,
      used_at timestamptz
    );
    create table sign_in_attempts (
      key text primary key,
      failures integer not null,
      window_ends_at timestamptz not null
    );
    create table idempotency_keys (
      team_id uuid not null references teams on delete cascade,
      key text not null,
      request_hash bytea not null,
      status integer,
      response jsonb,
      created_at timestamptz not null,
      primary key (team_id, key)
    );
    create index idempotency_keys_created on idempotency_keys (created_at);
  `)
  await grant(knex, 'teams', {
    team: ['select', 'update'],
    identity: all,
    system: ['select'],
    operator: all,
    teamColumn: 'id',
  })
  await grant(knex, 'users', { identity: all, operator: ['select', 'update'] })
  await grant(knex, 'memberships', { team: all, identity: all, operator: all })
  await grant(knex, 'sessions', { identity: all, operator: ['select', 'delete'] })
  await grant(knex, 'api_keys', { team: all, identity: ['select', 'insert', 'update'], operator: ['select', 'update'] })
  await grant(knex, 'setup', { identity: ['select', 'insert', 'update'] })
  await grant(knex, 'sign_in_attempts', { identity: all })
  await grant(knex, 'idempotency_keys', { team: all, system: ['select', 'delete'] })
}
