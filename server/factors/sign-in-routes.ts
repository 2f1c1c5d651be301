import { paths } from '../paths.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, withCookies } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { leaveHalf, sessionCookie } from '../sessions/sessions.js'
import { finishSignIn } from './factors.js'
import { halfPage } from './pages.js'
import { FactorCode, FactorQuery } from './schema.js'

/** What is open between the password and the second factor, and nothing more. */
export const factorSignInRoutes: readonly Route[] = [
  get('/sign-in/factor', { can: 'half-signed-in', query: FactorQuery }, ({ ctx, query }) =>
    halfPage(ctx, ownPath(query.next)),
  ),

  post(
    '/sign-in/factor',
    { can: 'half-signed-in', input: FactorCode, form: ({ ctx }) => halfPage(ctx, '') },
    async ({ ctx, input, origin }) => {
      const session = await finishSignIn(ctx, input.code, origin)
      return withCookies(go(ownPath(input.next)), session)
    },
  ),

  del('/sign-in/factor', { can: 'half-signed-in' }, async ({ ctx }) => {
    await leaveHalf(ctx)
    return withCookies(go(paths.signIn()), { name: sessionCookie, value: null })
  }),
]
