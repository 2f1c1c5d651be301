import type { Knex } from 'knex'

/** Who holds a role on a single server may remove it, where the role says so: which one, the policy of that door knows. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('grant delete on servers to hostler_part')
}
