import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { SupportChoice, SupportWish } from './schema.js'
import {
  allowSupport,
  askForSupport,
  chooseSupport,
  endSupport,
  enterTeam,
  leaveSupport,
  supportOf,
  supportPage,
} from './support.js'

export const supportRoutes: readonly Route[] = [
  get('/operator/support', { can: 'operator' }, async ({ ctx }) => page('support/index', await supportPage(ctx))),

  put('/operator/support', { can: 'operator', input: SupportChoice }, async ({ ctx, input }) => {
    await chooseSupport(ctx, input.mode)
    return go(paths.operatorSupport(), 'Saved')
  }),

  post(
    '/operator/teams/:team/support-grants',
    {
      can: 'operator',
      input: SupportWish,
      form: async ({ ctx }) => page('support/index', await supportPage(ctx)),
    },
    async ({ ctx, params, input }) => {
      const name = await askForSupport(ctx, params.team, input)
      return go(paths.operatorSupport(), `${name} reads your reason`)
    },
  ),

  post('/operator/support-grants/:grant/entrance', { can: 'operator', stepUp: true }, async ({ ctx, params }) => {
    const slug = await enterTeam(ctx, params.grant)
    return go(paths.team(slug), 'You are inside. Whatever you do is marked')
  }),

  del('/operator/support-grants/:grant', { can: 'operator' }, async ({ ctx, params }) => {
    await leaveSupport(ctx, params.grant)
    return go(paths.operatorSupport(), 'You have left')
  }),

  get('/support', { can: 'team:update' }, async ({ ctx }) => page('support/team', await supportOf(ctx))),

  post('/support-grants/:grant/approval', { can: 'support:allow' }, async ({ ctx, params }) => {
    await allowSupport(ctx, params.grant)
    return go(paths.support(ctx.team.slug), 'They may come in')
  }),

  del('/support-grants/:grant', { can: 'support:allow' }, async ({ ctx, params }) => {
    await endSupport(ctx, params.grant)
    return go(paths.support(ctx.team.slug), 'Nobody is inside by it any more')
  }),
]
