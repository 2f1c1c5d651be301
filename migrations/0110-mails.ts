import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/** What the panel has to tell people by mail: written down with the change that it tells of, and sent afterwards. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table mails (
      id uuid primary key,
      -- Asked for twice under one key it is one mail.
      key text unique,
      view text not null,
      recipient text not null,
      subject text not null,
      -- Links in it let people in: sealed, and gone once it is sent.
      content_sealed text,
      created_at timestamptz not null,
      attempts integer not null default 0,
      -- Not before. Whoever sends it moves this on first, so that nobody else sends it meanwhile.
      attempt_at timestamptz not null,
      give_up_at timestamptz not null,
      -- Null while it waits.
      outcome text check (outcome in ('sent', 'given-up')),
      why text,
      ended_at timestamptz,
      check (outcome is distinct from 'sent' or content_sealed is null)
    );
    create index mails_due on mails (attempt_at) where outcome is null;
    create index mails_ended on mails (ended_at) where outcome is not null;
    create index mails_created on mails (created_at desc, id desc);
  `)
  await grant(knex, 'mails', { identity: ['select', 'insert'], system: all, operator: ['select', 'update'] })
}
