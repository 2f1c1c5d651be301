import type { Knex } from 'knex'
import { all, grant, seesAll } from '../server/platform/db/grants.js'

/** Teams whose pages open to their own sign-in alone, but for one owner who is named. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table sign_in_requirements (
      team_id uuid primary key references teams on delete cascade,
      -- Null: any connection of the team. One that is required is not removed before the requirement is.
      connection_id uuid references sign_in_connections on delete no action,
      break_glass_user_id uuid references users on delete set null,
      created_by text not null,
      created_at timestamptz not null
    );
    create index sign_in_requirements_connection on sign_in_requirements (connection_id);
    create index sign_in_requirements_user on sign_in_requirements (break_glass_user_id);
  `)
  const part = { rights: all, sees: seesAll } as const
  await grant(knex, 'sign_in_requirements', { team: all, part, identity: ['select'] })
}
