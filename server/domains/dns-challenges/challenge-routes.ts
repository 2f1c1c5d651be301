import { paths } from '../../paths.js'
import type { TeamCtx } from '../../platform/access/ctx.js'
import { go, page } from '../../platform/http/reply.js'
import { del, post, put, type Route } from '../../platform/http/route.js'
import { siteDomain } from '../holders.js'
import { domainPage } from '../pages.js'
import { DomainAnswer } from '../schema.js'
import { NewDnsChallenge } from './challenge-schema.js'
import { removeDnsChallenge, retryDnsChallenge, setDnsChallenge } from './dns-challenges.js'

const here = '/sites/:site/domains/:domain/dns-challenge'

export const dnsChallengeRoutes: readonly Route[] = [
  put(
    here,
    {
      can: 'certificate:manage',
      quota: 'certificates',
      input: NewDnsChallenge,
      output: DomainAnswer,
      form: async ({ ctx, params }) => page('domains/show', await domainPage(ctx, params.site, params.domain)),
      summary: 'Have the certificate of a wildcard obtained and renewed, with a token of whoever runs its DNS',
    },
    async ({ ctx, params, input }) => {
      await setDnsChallenge(ctx, siteDomain(params.site, params.domain), input)
      return shown(ctx, params.site, params.domain, 'The certificate is being obtained')
    },
  ),
  post(
    `${here}/retries`,
    {
      can: 'certificate:manage',
      quota: 'certificates',
      output: DomainAnswer,
      summary: 'Try to obtain the certificate now',
    },
    async ({ ctx, params }) => {
      await retryDnsChallenge(ctx, siteDomain(params.site, params.domain))
      return shown(ctx, params.site, params.domain, 'It is being tried')
    },
  ),
  del(
    here,
    {
      can: 'certificate:manage',
      output: DomainAnswer,
      summary: 'Forget the token; the certificate is not renewed any more',
    },
    async ({ ctx, params }) => {
      await removeDnsChallenge(ctx, siteDomain(params.site, params.domain))
      return shown(ctx, params.site, params.domain, 'The token is forgotten')
    },
  ),
]

const shown = async (ctx: TeamCtx, slug: string, id: string, message: string) =>
  go(paths.domain(ctx.team.slug, slug, id), message, await domainPage(ctx, slug, id))
