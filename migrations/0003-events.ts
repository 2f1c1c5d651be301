import type { Knex } from 'knex'
import { grant } from '../server/platform/db/grants.js'

/**
 * The event log: append-only (no door may update or delete), one hash chain a team. What happens outside any team
 * (sign-ins, setup) is the chain of the nil team id, which only the identity and operator doors see.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table event_heads (
      team_id uuid primary key,
      sequence bigint not null,
      hash bytea not null
    );
    create table events (
      id uuid primary key,
      team_id uuid not null,
      sequence bigint not null,
      type text not null,
      actor_kind text not null check (actor_kind in ('user', 'api-key', 'system')),
      actor_id uuid,
      actor_name text not null,
      subject_kind text not null,
      subject_id uuid,
      data jsonb not null,
      at timestamptz not null,
      previous_hash bytea not null,
      hash bytea not null,
      unique (team_id, sequence)
    );
    create index events_subject on events (team_id, subject_kind, subject_id, sequence desc);
    create table event_cursors (
      reader text not null,
      team_id uuid not null,
      sequence bigint not null,
      primary key (reader, team_id)
    );
  `)
  await grant(knex, 'event_heads', {
    team: ['select', 'insert', 'update'],
    identity: ['select', 'insert', 'update'],
    system: ['select', 'insert', 'update'],
    operator: ['select', 'insert', 'update'],
  })
  await grant(knex, 'events', {
    team: ['select', 'insert'],
    identity: ['select', 'insert'],
    system: ['select', 'insert'],
    operator: ['select', 'insert'],
  })
  await grant(knex, 'event_cursors', { system: ['select', 'insert', 'update'], operator: ['select'] })
}
