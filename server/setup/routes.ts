import { paths } from '../paths.js'
import type { VisitorCtx } from '../platform/access/ctx.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { get, post } from '../platform/http/route.js'
import { SetupForm, SetupQuery } from './schema.js'
import { checkToken, completeSetup, refuseWhenDone } from './setup.js'

export const setupRoutes = [
  get('/setup', { can: 'anyone', query: SetupQuery }, async ({ ctx, query }) => {
    await checkToken(ctx.services, query.token)
    return page('setup/new', { token: query.token })
  }),

  post('/setup', { can: 'anyone', input: SetupForm, form: formAgain }, async ({ ctx, input, origin }) => {
    const { session, team } = await completeSetup(ctx.services, input, origin)
    return withCookies(go(paths.team(team.slug), 'Your panel is ready'), session)
  }),
]

/** Also a form that could not be read is told only that there is no such page, once setup is done. */
async function formAgain({ ctx }: { ctx: VisitorCtx }) {
  await refuseWhenDone(ctx.services)
  return page('setup/new', { token: '' })
}
