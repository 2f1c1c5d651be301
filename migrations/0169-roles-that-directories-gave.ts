import type { Knex } from 'knex'

/** What somebody got in the team as the directory put them there: the role of newcomers is another by the time they sign in. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table directory_users
      add column given_role text check (given_role in ('owner', 'admin', 'developer', 'billing', 'viewer'));
    update directory_users told set given_role = coalesce(
        (select data->>'role' from events where events.team_id = told.team_id and type = 'directory.person-joined'
           and subject_id = told.user_id order by sequence desc limit 1), connection.default_role)
      from sign_in_connections connection where connection.id = told.connection_id and told.made_account;
  `)
}
