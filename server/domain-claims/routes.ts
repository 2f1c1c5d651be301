import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post } from '../platform/http/route.js'
import { checkClaim, claimDomain, findClaim, listClaims, removeClaim, shown } from './domain-claims.js'
import { ClaimAnswer, ClaimList, NewClaim, Removed } from './schema.js'

export const domainClaimRoutes = [
  get(
    '/domain-claims',
    { can: 'sign-in:manage', output: ClaimList, summary: 'Domains whose addresses are the team’s' },
    ({ ctx }) => listPage(ctx),
  ),
  post(
    '/domain-claims',
    {
      can: 'sign-in:manage',
      input: NewClaim,
      output: ClaimAnswer,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Say that a domain is the team’s; the answer has the record that proves it',
    },
    async ({ ctx, input }) => {
      const domainClaim = shown(ctx.services, await findClaim(ctx, await claimDomain(ctx, input.name)))
      return go(paths.domainClaims(ctx.team.slug), 'Set its record now', { domainClaim })
    },
  ),
  post(
    '/domain-claims/:claim/checks',
    { can: 'sign-in:manage', quota: 'dns-checks', output: ClaimAnswer, summary: 'Look at the DNS of a domain now' },
    ({ ctx, params }) => looked(ctx, params.claim),
  ),
  del(
    '/domain-claims/:claim',
    { can: 'sign-in:manage', output: Removed, summary: 'Give a domain up' },
    async ({ ctx, params }) => {
      await removeClaim(ctx, params.claim)
      return go(paths.domainClaims(ctx.team.slug), 'The domain is given up')
    },
  ),
]

const listPage = async (ctx: TeamCtx) =>
  page('domain-claims/index', { domainClaims: await listClaims(ctx), team: ctx.team })

async function looked(ctx: TeamCtx, id: string) {
  const row = await checkClaim(ctx, id)
  const domainClaim = shown(ctx.services, row)
  const said = domainClaim.isProven ? `${row.name} is proven` : `The record of ${row.name} is not seen yet`
  return go(paths.domainClaims(ctx.team.slug), said, { domainClaim })
}
