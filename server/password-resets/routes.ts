import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { get, post } from '../platform/http/route.js'
import { checkReset, resetPassword } from './password-resets.js'
import { PasswordReset, ResetQuery } from './schema.js'

export const passwordResetRoutes = [
  get('/password-reset', { can: 'anyone', query: ResetQuery }, async ({ ctx, query }) => {
    await checkReset(ctx.services, query.token)
    return page('password-resets/new', { token: query.token })
  }),

  post(
    '/password-reset',
    { can: 'anyone', input: PasswordReset, form: () => page('password-resets/new', { token: '' }) },
    async ({ ctx, input }) => {
      await resetPassword(ctx.services, input)
      return go(paths.signIn(), 'Your password is changed, and every browser is signed out')
    },
  ),
]
