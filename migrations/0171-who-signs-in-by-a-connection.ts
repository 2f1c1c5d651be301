import type { Knex } from 'knex'

/** A team knows who signs in by its connections, so that nobody changes the provider of people who may do more than they. */
export async function up(knex: Knex): Promise<void> {
  for (const door of ['team', 'part']) {
    await knex.raw('grant select (user_id, connection_id) on identities to ??', [`hostler_${door}`])
    await knex.raw(
      // Of the connections that this door shows: those of the team.
      `create policy ?? on identities for select to ??
         using (exists (select from sign_in_connections connection where connection.id = identities.connection_id))`,
      [door, `hostler_${door}`],
    )
  }
}
