import type { Knex } from 'knex'

/**
 * Whatever takes something away from somebody tells every process so, which then asks again whether open streams may go
 * on. In the database, so that it holds for every way in which it can happen.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function tell_of_access() returns trigger language plpgsql as $$
      begin
        perform pg_notify('hostler_access', '');
        return null;
      end $$
  `)
  const losses = {
    memberships: 'update or delete',
    role_grants: 'update or delete',
    roles: 'update of permissions or delete',
    grouped_sites: 'delete',
    sessions: 'delete',
    users: 'update of disabled_at, is_operator or delete',
    api_keys: 'update of revoked_at or delete',
    teams: 'update of suspended_at, delete_after or delete',
  }
  for (const [table, acts] of Object.entries(losses))
    await knex.raw(`create trigger tell_of_access after ${acts} on ${table} execute function tell_of_access()`)
}
