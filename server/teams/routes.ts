import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { get } from '../platform/http/route.js'
import { MemberList, TeamList } from './schema.js'
import { membersOf, teamsOf } from './teams.js'

export const teamRoutes = [
  get('/', { can: 'signed-in' }, async ({ ctx }) => {
    const [first] = await teamsOf(ctx.services, ctx.actor)
    return go(first ? paths.team(first.slug) : paths.teams())
  }),

  get('/teams', { can: 'signed-in', output: TeamList, summary: 'Your teams' }, async ({ ctx }) =>
    page('teams/index', { teams: await teamsOf(ctx.services, ctx.actor) }),
  ),

  get('/members', { can: 'member:read', output: MemberList, summary: 'Who is in the team' }, async ({ ctx }) =>
    page('teams/members', { members: await membersOf(ctx), team: ctx.team }),
  ),
]
