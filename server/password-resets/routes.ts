import { paths } from '../paths.js'
import type { VisitorCtx } from '../platform/access/ctx.js'
import { carriedToken, carry, noToken } from '../platform/http/carried-token.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { get, post } from '../platform/http/route.js'
import { checkReset, resetPassword, validMinutes } from './password-resets.js'
import { requestReset } from './requests.js'
import { PasswordReset, ResetQuery, ResetRequest } from './schema.js'

export const passwordResetRoutes = [
  get('/password-reset', { can: 'anyone', query: ResetQuery }, async ({ ctx, query, origin }) => {
    const token = query.token ?? carriedToken(origin)
    await checkReset(ctx.services, token)
    return query.token === undefined
      ? page('password-resets/new', { token })
      : carry(paths.passwordReset(), query.token)
  }),

  post(
    '/password-reset',
    { can: 'anyone', input: PasswordReset, form: () => page('password-resets/new', { token: '' }) },
    async ({ ctx, input }) => {
      await resetPassword(ctx.services, input, ctx.address)
      return withCookies(go(paths.signIn(), 'Your password is changed, and every browser is signed out'), noToken)
    },
  ),

  get('/password-reset/requests', { can: 'anyone' }, ({ ctx }) => requestPage(ctx)),

  post(
    '/password-reset/requests',
    { can: 'anyone', input: ResetRequest, form: ({ ctx }) => requestPage(ctx) },
    async ({ ctx, input, origin }) => {
      await requestReset(ctx.services, input.email, origin.ip)
      const found = `If somebody signs in here with ${input.email}, a link is on its way there`
      return go(paths.signIn(), `${found}. It works for ${validMinutes} minutes`)
    },
  ),
]

const requestPage = ({ services }: VisitorCtx) => page('password-resets/request', { sendsMail: services.mail.isSet })
