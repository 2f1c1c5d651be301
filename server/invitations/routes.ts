import { paths } from '../paths.js'
import { PersonCtx, type TeamCtx } from '../platform/access/ctx.js'
import { forbidden } from '../platform/errors.js'
import { carriedToken, carry, noToken } from '../platform/http/carried-token.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { waysOf } from '../sign-in-connections/sign-in-connections.js'
import { acceptAsNewcomer, acceptInvitation, invitationPage } from './accepting.js'
import { invite, listInvitations, resendInvitation, revokeInvitation, type Sent } from './invitations.js'
import { Acceptance, InvitationList, Newcomer, NewInvitation, TokenQuery } from './schema.js'

export const invitationRoutes: readonly Route[] = [
  get(
    '/invitations',
    { can: 'member:invite', output: InvitationList, summary: 'Who is invited and has not come yet' },
    async ({ ctx }) => page('invitations/index', await listInvitations(ctx)),
  ),

  post(
    '/invitations',
    {
      can: 'member:invite',
      input: NewInvitation,
      form: async ({ ctx }) => page('invitations/index', await listInvitations(ctx)),
    },
    async ({ ctx, input }) => sent(ctx, await invite(ctx, input)),
  ),

  post('/invitations/:invitation/deliveries', { can: 'member:invite' }, async ({ ctx, params }) =>
    sent(ctx, await resendInvitation(ctx, params.invitation)),
  ),

  del('/invitations/:invitation', { can: 'member:invite' }, async ({ ctx, params }) => {
    await revokeInvitation(ctx, params.invitation)
    return go(paths.invitations(ctx.team.slug), 'The invitation is revoked')
  }),

  get('/invitation', { can: 'anyone', query: TokenQuery }, async ({ ctx, query, origin }) => {
    const shown = await invitationPage(ctx, query.token ?? carriedToken(origin))
    if (query.token !== undefined) return carry(paths.invitation(), query.token)
    return page('invitations/show', { ...shown, ways: await waysOf(ctx, shown.teamId) })
  }),

  post('/invitation', { can: 'anyone', input: Acceptance }, async ({ ctx, input }) => {
    if (!(ctx instanceof PersonCtx)) throw forbidden('Sign in first, or make an account with the invitation')
    const team = await acceptInvitation(ctx, input.token)
    return withCookies(go(paths.team(team.slug), `You are in ${team.name}`), noToken)
  }),

  post(
    '/invitation/account',
    { can: 'anyone', input: Newcomer, form: () => page('invitations/account', {}) },
    async ({ ctx, input, origin }) => {
      const { session, slug } = await acceptAsNewcomer(ctx, input, origin)
      return withCookies(go(paths.team(slug), 'Your account is made'), session, noToken)
    },
  ),
]

/** Where the panel sends no mail, the link is shown this once. */
const sent = (ctx: TeamCtx, { email, link }: Sent) =>
  link
    ? page('invitations/link', { email, link: link.reveal() })
    : go(paths.invitations(ctx.team.slug), `${email} is invited`)
