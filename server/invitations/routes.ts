import { paths } from '../paths.js'
import { PersonCtx, type TeamCtx } from '../platform/access/ctx.js'
import { forbidden } from '../platform/errors.js'
import { carriedToken, carry, noToken } from '../platform/http/carried-token.js'
import { go, page, withCookies } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { sessionCookie } from '../sessions/sessions.js'
import { waysOf } from '../sign-in-connections/sign-in-connections.js'
import { acceptAsNewcomer, acceptInvitation, invitationPage } from './accepting.js'
import { invite, listInvitations, resendInvitation, revokeInvitation, type Sent } from './invitations.js'
import { Acceptance, InvitationAnswer, InvitationList, Newcomer, NewInvitation, Revoked, TokenQuery } from './schema.js'

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
      quota: 'invitations',
      input: NewInvitation,
      output: InvitationAnswer,
      tellsSecret: true,
      form: async ({ ctx }) => page('invitations/index', await listInvitations(ctx)),
      summary: 'Invite somebody, to the team or to a part of it',
    },
    async ({ ctx, input }) => sent(ctx, await invite(ctx, input)),
  ),

  post(
    '/invitations/:invitation/deliveries',
    {
      can: 'member:invite',
      quota: 'invitations',
      output: InvitationAnswer,
      tellsSecret: true,
      summary: 'Send it again with a new link, for another seven days',
    },
    async ({ ctx, params }) => sent(ctx, await resendInvitation(ctx, params.invitation)),
  ),

  del(
    '/invitations/:invitation',
    { can: 'member:invite', output: Revoked, summary: 'Revoke an invitation' },
    async ({ ctx, params }) => {
      await revokeInvitation(ctx, params.invitation)
      return go(paths.invitations(ctx.team.slug), 'The invitation is revoked')
    },
  ),

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
      const { session, slug } = await acceptAsNewcomer(ctx, input, {
        ...origin,
        oldCookie: origin.cookie(sessionCookie),
      })
      return withCookies(go(paths.team(slug), 'Your account is made'), session, noToken)
    },
  ),
]

/** Where the panel sends no mail, the link is shown this once. */
const sent = (ctx: TeamCtx, { id, email, link }: Sent) => {
  const made = { id, email, link: link?.reveal() ?? null }
  return link ? page('invitations/link', made, 201) : go(paths.invitations(ctx.team.slug), `${email} is invited`, made)
}
