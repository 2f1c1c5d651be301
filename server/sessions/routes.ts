import { takesPasskeys } from '../factors/factors.js'
import { paths } from '../paths.js'
import { PersonCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { ownPath } from '../platform/http/own-path.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { del, get, post } from '../platform/http/route.js'
import { anybodyIsThere } from '../users/users.js'
import { endSession, signOut, signOutElsewhere } from './ending.js'
import { SessionList, SignIn, SignInQuery } from './schema.js'
import { listSessions, sessionCookie } from './sessions.js'
import { signIn } from './sign-in.js'

export const sessionRoutes = [
  get('/sign-in', { can: 'anyone', query: SignInQuery }, ({ ctx, query }) =>
    ctx instanceof PersonCtx ? go(ownPath(query.next)) : form(ctx, ownPath(query.next)),
  ),

  post(
    '/sign-in',
    { can: 'anyone', input: SignIn, form: ({ ctx }) => form(ctx, '') },
    async ({ ctx, input, origin }) => {
      const session = await signIn(ctx, input, { ...origin, oldCookie: origin.cookie(sessionCookie) })
      return withCookies(go(ownPath(input.next)), session)
    },
  ),

  post('/sign-out', { can: 'unverified' }, async ({ ctx }) => {
    await signOut(ctx)
    return withCookies(go(paths.signIn(), 'You are signed out'), { name: sessionCookie, value: null })
  }),

  get(
    '/profile/sessions',
    { can: 'signed-in', output: SessionList, summary: 'Where you are signed in' },
    async (call) => page('sessions/index', { sessions: await listSessions(call.ctx) }),
  ),

  del('/profile/sessions', { can: 'signed-in' }, async ({ ctx }) => {
    await signOutElsewhere(ctx)
    return go(paths.sessions(), 'Every other browser is signed out')
  }),

  del('/profile/sessions/:session', { can: 'signed-in' }, async ({ ctx, params }) => {
    await endSession(ctx, params.session)
    return go(paths.sessions(), 'That session is signed out')
  }),
]

const form = async ({ services }: VisitorCtx, next: string) =>
  page('sessions/new', {
    next,
    isSetUp: await services.db.asIdentity(anybodyIsThere),
    takesPasskeys: takesPasskeys(services),
  })
