import type { Knex } from 'knex'
import { grant } from '../server/platform/db/grants.js'

/** Long work. The row is the truth: a queue only says that it may be time to look at it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table operations (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      kind text not null,
      -- What one operation at a time may hold: 'site:<id>', 'server:<id>'.
      subject text not null,
      -- Where only so many may run at once: 'server:<id>'; null has no limit.
      pool text,
      pool_limit integer not null default 1,
      title text not null,
      input jsonb not null,
      status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
      -- How it will end, once what was begun is undone; set before the first undo.
      ending text check (ending in ('failed', 'cancelled')),
      message text,
      hint text,
      requested_by text not null,
      cancel_requested_at timestamptz,
      cancel_requested_by text,
      -- The worker process that runs it, and the growing number that its acts on the host carry.
      runner uuid,
      fence bigint,
      claims integer not null default 0,
      heartbeat_at timestamptz,
      created_at timestamptz not null,
      started_at timestamptz,
      ended_at timestamptz
    );
    create index operations_team on operations (team_id, created_at desc);
    create index operations_subject on operations (subject, created_at desc);
    create index operations_open on operations (status, created_at) where status in ('queued', 'running');
    create unique index operations_one_runs_per_subject on operations (subject) where status = 'running';

    create table operation_steps (
      operation_id uuid not null references operations on delete cascade,
      team_id uuid not null references teams on delete cascade,
      position integer not null,
      name text not null,
      state text not null default 'waiting' check (state in ('waiting', 'running', 'succeeded', 'failed', 'skipped', 'undone', 'undo-failed')),
      output jsonb,
      message text,
      started_at timestamptz,
      ended_at timestamptz,
      primary key (operation_id, position)
    );
    create table operation_log (
      operation_id uuid not null references operations on delete cascade,
      team_id uuid not null references teams on delete cascade,
      sequence bigint not null,
      step integer not null,
      stream text not null check (stream in ('stdout', 'stderr', 'note')),
      line text not null,
      at timestamptz not null,
      primary key (operation_id, sequence)
    );
    create table leases (
      subject text primary key,
      fence bigint not null
    );
    create table workers (
      id uuid primary key,
      host text not null,
      started_at timestamptz not null,
      seen_at timestamptz not null
    );
  `)
  await grant(knex, 'operations', {
    team: ['select', 'insert', 'update'],
    system: ['select', 'update'],
    operator: ['select', 'update'],
  })
  await grant(knex, 'operation_steps', {
    team: ['select', 'insert', 'update'],
    system: ['select', 'update'],
    operator: ['select'],
  })
  await grant(knex, 'operation_log', {
    team: ['select', 'insert'],
    system: ['select', 'insert', 'delete'],
    operator: ['select'],
  })
  await grant(knex, 'leases', { system: ['select', 'insert', 'update'] })
  await grant(knex, 'workers', {
    identity: ['select'],
    system: ['select', 'insert', 'update', 'delete'],
    operator: ['select'],
  })
}
