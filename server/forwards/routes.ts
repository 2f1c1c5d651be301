import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { forwardPage, ofPanel, ofTeam, removeForward, setForward, testForward } from './forwards.js'
import { Done, ForwardAnswer, ForwardWish } from './schema.js'

export const forwardRoutes: readonly Route[] = [
  get(
    '/audit/forward',
    { can: 'audit:forward', output: ForwardAnswer, summary: 'Where events are sent on to, and how far that has come' },
    async ({ ctx }) => page('forwards/team', await forwardPage(ofTeam(ctx))),
  ),
  put(
    '/audit/forward',
    {
      can: 'audit:forward',
      input: ForwardWish,
      output: ForwardAnswer,
      form: async ({ ctx }) => page('forwards/team', await forwardPage(ofTeam(ctx))),
      summary: 'Send every event on from now, by syslog over TLS or signed HTTPS',
    },
    async ({ ctx, input }) => {
      await setForward(ofTeam(ctx), input)
      return go(paths.auditForward(ctx.team.slug), 'Events are sent on from now', await forwardPage(ofTeam(ctx)))
    },
  ),
  del('/audit/forward', { can: 'audit:forward', output: Done, summary: 'Send events on no more' }, async ({ ctx }) => {
    await removeForward(ofTeam(ctx))
    return go(paths.auditForward(ctx.team.slug), 'Events are no longer sent on')
  }),
  post(
    '/audit/forward/test',
    {
      can: 'audit:forward',
      output: Done,
      form: async ({ ctx }) => page('forwards/team', await forwardPage(ofTeam(ctx))),
      summary: 'Send one message that is no event',
    },
    async ({ ctx, signal }) => {
      await testForward(ofTeam(ctx), signal)
      return go(paths.auditForward(ctx.team.slug), 'The test message was taken')
    },
  ),

  get('/operator/audit/forward', { can: 'operator' }, async ({ ctx }) =>
    page('forwards/panel', await forwardPage(ofPanel(ctx))),
  ),
  put(
    '/operator/audit/forward',
    {
      can: 'operator',
      input: ForwardWish,
      form: async ({ ctx }) => page('forwards/panel', await forwardPage(ofPanel(ctx))),
    },
    async ({ ctx, input }) => {
      await setForward(ofPanel(ctx), input)
      return go(paths.operatorForward(), 'Events are sent on from now')
    },
  ),
  del('/operator/audit/forward', { can: 'operator' }, async ({ ctx }) => {
    await removeForward(ofPanel(ctx))
    return go(paths.operatorForward(), 'Events are no longer sent on')
  }),
  post(
    '/operator/audit/forward/test',
    { can: 'operator', form: async ({ ctx }) => page('forwards/panel', await forwardPage(ofPanel(ctx))) },
    async ({ ctx, signal }) => {
      await testForward(ofPanel(ctx), signal)
      return go(paths.operatorForward(), 'The test message was taken')
    },
  ),
]
