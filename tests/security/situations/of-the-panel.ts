import { supportMay } from '../../../server/platform/access/support.js'
import { insert } from '../../support/make.js'
import { expected, isOfTeam, letIn } from '../entrances.js'
import type { Situation } from './situation.js'

export const ofThePanel: readonly Situation[] = [
  {
    name: 'MF-08: of a panel that requires a factor, teams and the operator’s pages are shut to who has none',
    people: ['owner', 'operator'],
    where: (entrance) => isOfTeam(entrance) || entrance.route.options.can === 'operator',
    decided: (entrance, who) => (who === 'owner' ? (isOfTeam(entrance) ? 403 : 404) : isOfTeam(entrance) ? 404 : 403),
    begin: ({ w }) => insert(w.test, 'sign_in_rules', { team_id: null, requires_factor: true }),
  },
  {
    name: 'AZ-18: to an operator who was let in to help, nothing opens but what the list for support names',
    people: ['operator'],
    where: isOfTeam,
    // `as`: of routes of teams.
    decided: ({ route }) => (supportMay.has(route.options.can as never) ? letIn : 403),
    begin: ({ w }) =>
      w.test.query(
        `update support_grants set allowed_by = 'Ada', allowed_at = $2::timestamptz, entered_at = $2::timestamptz, ends_at = $2::timestamptz + interval '1 hour',
           session_hash = (select id_hash from sessions where user_id = support_grants.operator_id) where team_id = $1`,
        [w.acme.id, w.clock.now()],
      ),
  },
  {
    name: 'AZ-09, AK-02: to who was demoted, what their new role allows opens, by session and by their old key',
    people: ['owner'],
    where: isOfTeam,
    decided: (entrance) => expected(entrance, 'viewer'),
    begin: ({ w }) => w.test.query(`update memberships set role = 'viewer' where user_id = $1`, [w.people.owner.id]),
  },
  {
    name: 'AZ-09: to who was removed, the team is not there, and their key opens nothing',
    people: ['owner'],
    where: isOfTeam,
    decided: (entrance) => (entrance.face === 'api' ? 401 : 404),
    begin: ({ w }) => w.test.query('delete from memberships where user_id = $1', [w.people.owner.id]),
  },
]
