import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/**
 * Where the events of a team are sent on to, and how far that has come; of the nil team, those outside teams. `sequence`
 * is the last event that was acknowledged: what comes after it is sent again, however often.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table forwards (
      team_id uuid primary key,
      kind text not null check (kind in ('syslog', 'https')),
      address text not null,
      ca text,
      secret_sealed text,
      sequence bigint not null,
      at timestamptz,
      failures int not null default 0,
      retry_at timestamptz,
      fault text,
      taken_until timestamptz,
      sent_at timestamptz,
      created_at timestamptz not null
    );
  `)
  await grant(knex, 'forwards', { team: all, system: ['select', 'update'], operator: all })
}
