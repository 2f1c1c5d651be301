import { paths } from '../paths.js'
import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { get, put, type Route } from '../platform/http/route.js'
import { SignInRulesInput, SignInRulesView } from './schema.js'
import { changePanelRules, changeTeamRules, panelRules, teamRules } from './sign-in-rules.js'

export const signInRulesRoutes: readonly Route[] = [
  get(
    '/sign-in-rules',
    { can: 'member:read', output: SignInRulesView, summary: 'What the team asks of its people’s sign-ins' },
    ({ ctx }) => teamPage(ctx),
  ),

  put(
    '/sign-in-rules',
    { can: 'team:update', stepUp: true, input: SignInRulesInput, form: ({ ctx }) => teamPage(ctx) },
    async ({ ctx, input }) => {
      await changeTeamRules(ctx, input)
      return go(paths.signInRules(ctx.team.slug), 'The rules are changed, and hold from now on')
    },
  ),

  get('/operator/sign-in-rules', { can: 'operator' }, ({ ctx }) => panelPage(ctx)),

  put(
    '/operator/sign-in-rules',
    { can: 'operator', stepUp: true, input: SignInRulesInput, form: ({ ctx }) => panelPage(ctx) },
    async ({ ctx, input }) => {
      await changePanelRules(ctx, input)
      return go(paths.panelSignInRules(), 'The rules are changed, and hold from now on')
    },
  ),
]

const teamPage = async (ctx: TeamCtx) => page('sign-in-rules/team', { ...(await teamRules(ctx)), team: ctx.team })

const panelPage = async (ctx: PersonCtx) => page('sign-in-rules/panel', await panelRules(ctx))
