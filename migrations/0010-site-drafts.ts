import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** A site that somebody is about to create: its source and how it lets us in, so that a key that was made is not lost half-way. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table site_drafts (
      id uuid primary key,
      team_id uuid not null references teams on delete cascade,
      server_id uuid not null references servers on delete cascade,
      repository_url text not null,
      credential_kind text not null check (credential_kind in ('none', 'token', 'deploy-key')),
      credential_sealed text,
      deploy_public_key text,
      -- What was seen in the repository: branches, the one looked into, and what it seems to be. Null until the first look.
      found jsonb,
      created_at timestamptz not null
    );
    create index site_drafts_team on site_drafts (team_id, created_at);
  `)
  await grant(knex, 'site_drafts', { team: all })
}
