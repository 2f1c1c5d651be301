import type { Knex } from 'knex'
import { all, grant } from '../server/platform/db/grants.js'

/**
 * Who asked for a link to choose a new password, known or not: each is written down in the same way, and looked at
 * afterwards. What was typed may be a password in the wrong field, so it is sealed, and gone within seconds.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table reset_requests (
      id uuid primary key,
      email_sealed text not null,
      made_at timestamptz not null
    );
    create index reset_requests_made on reset_requests (made_at, id);
  `)
  await grant(knex, 'reset_requests', { identity: all })
}
