import type { Knex } from 'knex'
import { grant } from '../server/platform/db/grants.js'

/**
 * A team ends in three steps: asked for (closed at once, seven days to undo), begun (its sites go, one operation each),
 * gone. What is gone is remembered by name, for its events stay. An operator may also suspend a team, or a person.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table teams
      add column delete_requested_at timestamptz,
      add column delete_requested_by text,
      add column delete_after timestamptz,
      add column removal_begun_at timestamptz,
      add column suspended_at timestamptz,
      add column suspended_reason text,
      add check ((delete_requested_at is null) = (delete_after is null)),
      add check (removal_begun_at is null or delete_after is not null),
      add check ((suspended_at is null) = (suspended_reason is null));
    create index teams_delete_after on teams (delete_after) where delete_after is not null;
    alter table users add column disabled_reason text;
    create table removed_teams (
      id uuid primary key,
      slug text not null,
      name text not null,
      created_at timestamptz not null,
      removed_at timestamptz not null
    );
  `)
  // The policy of the system's door is there since the table is; it could only read.
  await knex.raw('grant update, delete on teams to hostler_system')
  await grant(knex, 'removed_teams', { system: ['select', 'insert'], operator: ['select'] })
}
