import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, patch, post } from '../platform/http/route.js'
import { changeRole, leaveTeam, removeMember, transferOwnership } from './members.js'
import { membersPage, settingsPage } from './pages.js'
import { MemberAnswer, MemberList, NamedTeam, NewRole, TeamAnswer, TeamList, Transfer } from './schema.js'
import { newTeam, renameTeam, teamsOf } from './teams.js'

export const teamRoutes = [
  get('/', { can: 'signed-in' }, async ({ ctx }) => {
    const teams = await teamsOf(ctx.services, ctx.actor, ctx.sessionId)
    const first = teams.find(({ closed }) => closed === null)
    return go(first ? paths.team(first.slug) : paths.teams())
  }),

  get('/teams', { can: 'signed-in', output: TeamList, summary: 'Your teams' }, async ({ ctx }) =>
    page('teams/index', { teams: await teamsOf(ctx.services, ctx.actor, ctx.sessionId) }),
  ),

  get('/new-team', { can: 'signed-in' }, () => page('teams/new', {})),

  post('/teams', { can: 'signed-in', input: NamedTeam, form: () => page('teams/new', {}) }, async ({ ctx, input }) => {
    const team = await newTeam(ctx, input.name)
    return go(paths.team(team.slug), `${team.name} is made, and you own it`)
  }),

  get('/settings', { can: 'team:update' }, async ({ ctx }) => page('teams/settings', await settingsPage(ctx))),

  patch(
    '/',
    {
      can: 'team:update',
      input: NamedTeam,
      output: TeamAnswer,
      form: async ({ ctx }) => page('teams/settings', await settingsPage(ctx)),
      summary: 'Rename the team; its address stays',
    },
    async ({ ctx, input }) => {
      await renameTeam(ctx, input.name)
      const team = { ...ctx.team, name: input.name }
      return go(paths.teamSettings(team.slug), `The team is called ${team.name}`, { team })
    },
  ),

  del('/membership', { can: 'team:read' }, async ({ ctx }) => {
    await leaveTeam(ctx)
    return go(paths.teams(), `You have left ${ctx.team.name}`)
  }),

  post(
    '/ownership',
    {
      can: 'team:transfer',
      // It is not undone by who gave it.
      stepUp: true,
      input: Transfer,
      form: async ({ ctx }) => page('teams/settings', await settingsPage(ctx)),
    },
    async ({ ctx, input }) => {
      const { name } = await transferOwnership(ctx, input.member)
      return go(paths.members(ctx.team.slug), `${name} owns the team now, and you are an admin of it`)
    },
  ),

  get('/members', { can: 'member:read', output: MemberList, summary: 'Who is in the team' }, async ({ ctx }) =>
    page('teams/members', await membersPage(ctx)),
  ),

  patch(
    '/members/:member',
    { can: 'role:manage', input: NewRole, output: MemberAnswer, summary: 'Give a member another role' },
    async ({ ctx, params, input }) => {
      const member = await changeRole(ctx, params.member, input.role)
      return go(paths.members(ctx.team.slug), `${member.name} has the role ${member.role}`, { member })
    },
  ),

  del(
    '/members/:member',
    { can: 'member:remove', output: MemberAnswer, summary: 'Remove a member, with the API keys they made here' },
    async ({ ctx, params }) => {
      const member = await removeMember(ctx, params.member)
      return go(paths.members(ctx.team.slug), `${member.name} is no longer in the team`, { member })
    },
  ),
]
