import type { Knex } from 'knex'

/**
 * The roles that a transaction steps into (see `server/platform/db/doors.ts`). Roles belong to the whole cluster, so
 * another Hostler database in it may have made them already.
 */
export async function up(knex: Knex): Promise<void> {
  for (const role of ['hostler_team', 'hostler_identity', 'hostler_system', 'hostler_operator', 'hostler_queue']) {
    await knex.raw(`
      do $$ begin
        create role ${role} nologin nosuperuser nobypassrls nocreatedb nocreaterole;
      exception when duplicate_object or unique_violation then null;
      end $$`)
    await knex.raw(`grant usage on schema public to ${role}`)
  }
}
