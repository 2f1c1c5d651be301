import type { Knex } from 'knex'

/** Of a team that is removed, nothing stays of where its events were sent on to, once they have been. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('grant delete on forwards to hostler_system')
}
