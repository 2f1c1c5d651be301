import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What visitors of a domain are really shown, as it was last seen on its server. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table certificates (
      domain_id uuid primary key references domains on delete cascade,
      team_id uuid not null references teams on delete cascade,
      issuer text,
      begins_at timestamptz,
      ends_at timestamptz,
      seen_at timestamptz not null,
      look_due_at timestamptz not null,
      -- Why there is none, or why the next one does not come. The last one goes on meanwhile.
      failure text,
      failure_hint text,
      -- Of the days before its end, the fewest that were told of.
      told_days integer
    );
    -- By the name that visitors should use; null while it is served by none, and the server's address stands for it.
    alter table sites add column served_url text check (served_url ~ '^https{0,1}://[a-z0-9.-]+$');
  `)
  await grant(knex, 'certificates', { team: all, system: all, operator: ['select'] })
}
