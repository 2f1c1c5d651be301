import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, put } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import { NewRequirement, RequirementAnswer } from './schema.js'
import { dropRequirement, requirementOf, requirementPage, requireSignIn } from './sign-in-requirements.js'

export const signInRequirementRoutes = [
  get(
    '/sign-in-requirement',
    { can: 'sign-in:manage', output: RequirementAnswer, summary: 'Whether the team opens to its own sign-in alone' },
    ({ ctx }) => showPage(ctx),
  ),
  put(
    '/sign-in-requirement',
    { can: 'sign-in:manage', stepUp: true, input: NewRequirement, form: ({ ctx }) => showPage(ctx) },
    async ({ ctx, input, origin }) => {
      await requireSignIn(ctx, origin.cookie(sessionCookie), input)
      return go(paths.signInRequirement(ctx.team.slug), 'The team opens to its own sign-in alone from now on')
    },
  ),
  del(
    '/sign-in-requirement',
    {
      can: 'sign-in:manage',
      stepUp: true,
      output: RequirementAnswer,
      summary: 'Let people into the team by every way of signing in again',
    },
    async ({ ctx }) => {
      await dropRequirement(ctx)
      const requirement = await requirementOf(ctx)
      return go(paths.signInRequirement(ctx.team.slug), 'Every way of signing in opens the team again', { requirement })
    },
  ),
]

const showPage = async (ctx: TeamCtx) => page('sign-in-requirements/show', await requirementPage(ctx))
