import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { peoplePage, restorePerson, restoreTeam, suspendPerson, suspendTeam, teamsPage } from './operator.js'
import { SearchQuery, Suspension } from './schema.js'

const everything = SearchQuery.parse({})

export const operatorRoutes: readonly Route[] = [
  get('/operator/teams', { can: 'operator', query: SearchQuery }, async ({ ctx, query }) =>
    page('operator/teams', await teamsPage(ctx, query)),
  ),

  post(
    '/operator/teams/:team/suspension',
    {
      can: 'operator',
      input: Suspension,
      form: async ({ ctx }) => page('operator/teams', await teamsPage(ctx, everything)),
    },
    async ({ ctx, params, input }) => {
      await suspendTeam(ctx, params.team, input.reason)
      return go(paths.operatorTeams(), 'The team is suspended')
    },
  ),

  del('/operator/teams/:team/suspension', { can: 'operator' }, async ({ ctx, params }) => {
    await restoreTeam(ctx, params.team)
    return go(paths.operatorTeams(), 'The team is open again')
  }),

  get('/operator/people', { can: 'operator', query: SearchQuery }, async ({ ctx, query }) =>
    page('operator/people', await peoplePage(ctx, query)),
  ),

  post(
    '/operator/people/:person/suspension',
    {
      can: 'operator',
      input: Suspension,
      form: async ({ ctx }) => page('operator/people', await peoplePage(ctx, everything)),
    },
    async ({ ctx, params, input }) => {
      await suspendPerson(ctx, params.person, input.reason)
      return go(paths.operatorPeople(), 'They are suspended, and out everywhere')
    },
  ),

  del('/operator/people/:person/suspension', { can: 'operator' }, async ({ ctx, params }) => {
    await restorePerson(ctx, params.person)
    return go(paths.operatorPeople(), 'They can sign in again')
  }),
]
