import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/** Domains of addresses that a team says are its own. Many may say so; one at most has proven it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table domain_claims (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      name text not null,
      proven_at timestamptz,
      -- Since when the record is gone that proved it.
      missing_since timestamptz,
      -- What the last look found, when it was not the record.
      fault text check (fault in ('not-there', 'held', 'unsaid')),
      checked_at timestamptz,
      check_due_at timestamptz not null,
      created_by text not null,
      created_at timestamptz not null,
      unique (team_id, name)
    );
    create unique index domain_claims_holder on domain_claims (name) where proven_at is not null;
    create index domain_claims_due on domain_claims (check_due_at);
  `)
  const part = { rights: all, sees: seesAll } as const
  await grant(knex, 'domain_claims', { team: all, part, identity: ['select'], system: ['select', 'update'] })
}
