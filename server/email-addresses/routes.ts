import { paths } from '../paths.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import { carriedToken, carry, noToken } from '../platform/http/carried-token.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { get, post, put } from '../platform/http/route.js'
import { askToChange, resendVerification } from './asking.js'
import { checkUndo, undoChange } from './changing.js'
import { addressOf, checkConfirmation, confirmAddress } from './email-addresses.js'
import { AddressChange, LinkQuery, PressedLink } from './schema.js'

export const emailAddressRoutes = [
  get('/profile/email', { can: 'unverified' }, ({ ctx }) => addressPage(ctx)),

  put(
    '/profile/email',
    { can: 'unverified', stepUp: 'password-and-factor', input: AddressChange, form: ({ ctx }) => addressPage(ctx) },
    async ({ ctx, input, origin }) => {
      await askToChange(ctx, input, origin.ip)
      return go(paths.email(), `A link is on its way to ${input.email}. Your address changes when it is opened`)
    },
  ),

  post('/profile/email/verification', { can: 'unverified' }, async ({ ctx, origin }) => {
    await resendVerification(ctx, origin.ip)
    return go(paths.email(), 'Another link is on its way; the ones before it work no more')
  }),

  get('/email-confirmation', { can: 'anyone', query: LinkQuery }, async ({ ctx, query, origin }) => {
    const token = query.token ?? carriedToken(origin)
    const { email } = await checkConfirmation(ctx.services, token)
    if (query.token !== undefined) return carry(paths.emailConfirmation(), query.token)
    return page('email-addresses/confirmation', { email, token })
  }),

  post('/email-confirmation', { can: 'anyone', input: PressedLink }, async ({ ctx, input }) => {
    await confirmAddress(ctx.services, input.token, ctx.address)
    return withCookies(go(paths.home(), 'Your address is confirmed'), noToken)
  }),

  get('/email-undo', { can: 'anyone', query: LinkQuery }, async ({ ctx, query, origin }) => {
    const token = query.token ?? carriedToken(origin)
    const { email } = await checkUndo(ctx.services, token)
    if (query.token !== undefined) return carry(paths.emailUndo(), query.token)
    return page('email-addresses/undo', { email, token })
  }),

  post('/email-undo', { can: 'anyone', input: PressedLink }, async ({ ctx, input }) => {
    await undoChange(ctx.services, input.token, ctx.address)
    const message =
      'Your address is back, and every browser is signed out. A link to choose a new password is on its way'
    return withCookies(go(paths.signIn(), message), noToken)
  }),
]

const addressPage = async (ctx: PersonCtx) => page('email-addresses/show', await addressOf(ctx))
