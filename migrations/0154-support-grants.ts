import type { Knex } from 'knex'
import { grant } from '../server/platform/db/grants.js'

/**
 * An operator who enters a team to help: why, how long, by whose leave. Once entered it belongs to that one session, and
 * ends with it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table support_grants (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      operator_id uuid not null references users on delete cascade,
      reason text not null,
      hours integer not null check (hours between 1 and 8),
      requested_at timestamptz not null,
      -- A person of the team, or the panel's policy.
      allowed_by text,
      allowed_at timestamptz,
      ends_at timestamptz,
      entered_at timestamptz,
      session_hash bytea references sessions on delete set null,
      ended_at timestamptz,
      check ((allowed_at is null) = (ends_at is null)),
      check (ends_at <= allowed_at + interval '8 hours')
    );
    create index support_grants_team on support_grants (team_id, requested_at);
    create index support_grants_operator on support_grants (operator_id, requested_at);
    create index support_grants_session on support_grants (session_hash) where session_hash is not null;
    create trigger tell_of_access after update or delete on support_grants execute function tell_of_access();
  `)
  await knex.raw('grant update on panel_settings to hostler_operator')
  await grant(knex, 'support_grants', {
    team: ['select', 'update'],
    identity: ['select'],
    operator: ['select', 'insert', 'update'],
  })
}
