import type { Knex } from 'knex'

/**
 * Who changes what is of the whole team holds its lock, also where they do not see all of its sites; and a directory gives
 * and takes roles by its groups, whatever its token lets it see. Whether they may is asked by the permission.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('grant update (name) on teams to hostler_part')
  await knex.raw('grant insert, update, delete on role_grants to hostler_part')
}
