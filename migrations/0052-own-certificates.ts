import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** Certificates that a domain has of its own, in place of what Caddy would get for it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table own_certificates (
      domain_id uuid primary key references domains on delete cascade,
      team_id uuid not null references teams on delete cascade,
      -- PEM: its own first, then who signed it.
      chain text not null,
      key_sealed text not null,
      issuer text not null,
      begins_at timestamptz not null,
      ends_at timestamptz not null,
      given_by text not null,
      given_at timestamptz not null
    );
  `)
  await grant(knex, 'own_certificates', { team: all, system: ['select'], operator: ['select'] })
}
