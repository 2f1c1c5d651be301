import type { Knex } from 'knex'
import { currentTeam, seesServer, seesSite } from '../server/platform/db/grants.js'

/**
 * Who may read events in the whole team, and not all of its sites and servers, is shown what is of the team itself, too:
 * people, roles, keys. Whether they may is a setting of the transaction, as what else they are shown.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`alter policy part on events using (team_id = ${currentTeam} and (
    subject_kind = 'site' and (${seesSite('subject_id')})
    or subject_kind = 'server' and (${seesServer('subject_id')})
    or subject_kind = 'operation' and exists (select from operations where operations.id = subject_id)
    or subject_kind not in ('site', 'server', 'operation')
      and (select current_setting('hostler.events_of_team', true)) = 'yes'))`)
}
