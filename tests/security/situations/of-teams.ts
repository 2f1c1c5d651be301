import { suspendTeam } from '../../../server/operator/operator.js'
import { insert } from '../../support/make.js'
import { type Entrance, expected, isOfTeam, letIn, type Who } from '../entrances.js'
import type { Situation } from './situation.js'

const members: readonly Who[] = ['owner', 'client']

/** Those who would be let in are refused; who is refused hears of nothing else than on other days. */
const shutBut = (open: (entrance: Entrance) => boolean) => (entrance: Entrance, who: Who) => {
  const usual = expected(entrance, who)
  return usual === letIn && !open(entrance) ? 403 : usual
}
const shutToMembers = (entrance: Entrance, who: Who) => (members.includes(who) ? 403 : expected(entrance, who))

export const ofTeams: readonly Situation[] = [
  {
    name: 'AK-06: of a team that the operator suspended, everything is shut, by session and by key',
    people: [...members, 'stranger'],
    where: isOfTeam,
    decided: shutBut(() => false),
    begin: async ({ w }) => suspendTeam(await w.personCtx('operator'), w.acme.id, 'Unpaid'),
  },
  {
    name: 'of a team that is being deleted, everything is shut but what undoes it',
    people: members,
    where: isOfTeam,
    decided: shutBut(({ route }) => route.options.can === 'team:delete'),
    begin: ({ w }) =>
      w.test.query(
        `update teams set delete_requested_at = $2, delete_requested_by = 'Ada', delete_after = $2 where id = $1`,
        [w.acme.id, w.clock.now()],
      ),
  },
  {
    name: 'MF-08: of a team that requires a factor, everything is shut to who has none, by session and by key',
    people: members,
    where: isOfTeam,
    decided: shutToMembers,
    begin: ({ w }) => insert(w.test, 'sign_in_rules', { team_id: w.acme.id, requires_factor: true }),
  },
  {
    name: 'SO-06: of a team that requires its own sign-in, every page is shut to other sessions',
    people: members,
    where: (entrance) => isOfTeam(entrance) && entrance.face === 'page',
    decided: shutToMembers,
    begin: ({ w }) =>
      insert(w.test, 'sign_in_requirements', { team_id: w.acme.id, created_by: 'Ada', created_at: w.clock.now() }),
  },
]
