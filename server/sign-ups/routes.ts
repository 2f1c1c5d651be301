import { paths } from '../paths.js'
import { PersonCtx, type VisitorCtx } from '../platform/access/ctx.js'
import { carriedToken, carry, noToken } from '../platform/http/carried-token.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { get, post, put, type Route } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import { Account, SignUp, SignUpChoice, TokenQuery } from './schema.js'
import { askToSignUp, checkSignUp, chooseSignUp, signUp, signUpMode } from './sign-ups.js'

export const signUpRoutes: readonly Route[] = [
  get('/sign-up', { can: 'anyone' }, ({ ctx }) => (ctx instanceof PersonCtx ? go(paths.home()) : form(ctx))),

  post('/sign-up', { can: 'anyone', input: SignUp, form: ({ ctx }) => form(ctx) }, async ({ ctx, input, origin }) => {
    await askToSignUp(ctx, input.email, origin.ip)
    return page('sign-ups/sent', { email: input.email })
  }),

  get('/sign-up/account', { can: 'anyone', query: TokenQuery }, async ({ ctx, query, origin }) => {
    const token = query.token ?? carriedToken(origin)
    const email = await checkSignUp(ctx.services, token)
    return query.token === undefined ? page('sign-ups/account', { token, email }) : carry(paths.account(), query.token)
  }),

  post(
    '/sign-up/account',
    { can: 'anyone', input: Account, form: () => page('sign-ups/account', { token: '', email: '' }) },
    async ({ ctx, input, origin }) => {
      const session = await signUp(ctx, input, { ...origin, oldCookie: origin.cookie(sessionCookie) })
      return withCookies(go(paths.home(), 'Your account is made'), session, noToken)
    },
  ),

  get('/operator/sign-up', { can: 'operator' }, ({ ctx }) => choice(ctx)),

  put(
    '/operator/sign-up',
    { can: 'operator', input: SignUpChoice, form: ({ ctx }) => choice(ctx) },
    async ({ ctx, input }) => {
      await chooseSignUp(ctx, input.mode)
      return go(paths.operatorSignUp(), 'Saved')
    },
  ),
]

const form = async ({ services }: VisitorCtx) => page('sign-ups/new', { mode: await signUpMode(services) })

const choice = async ({ services }: PersonCtx) =>
  page('operator/sign-up', { mode: await signUpMode(services), canMail: services.mail.isSet })
