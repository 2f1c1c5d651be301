import type { Knex } from 'knex'
import { grant } from '../server/platform/db/grants.js'

/**
 * Once a day, where each chain of events has come to, signed: what leaves the machine, so that whoever owns the database
 * cannot write the log anew unseen.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table anchor_keys (
      id uuid primary key,
      public_key text not null,
      private_sealed text not null,
      made_at timestamptz not null
    );
    create unique index only_one_anchor_key on anchor_keys ((true));
    create table event_anchors (
      day text primary key check (day ~ '^\\d{4}-\\d\\d-\\d\\d$'),
      text text not null,
      made_at timestamptz not null,
      written_at timestamptz,
      mailed_at timestamptz
    );
  `)
  await grant(knex, 'anchor_keys', { system: ['select', 'insert'], operator: ['select'] })
  await grant(knex, 'event_anchors', { system: ['select', 'insert', 'update'], operator: ['select'] })
}
