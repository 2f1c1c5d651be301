import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, post, put, type Route } from '../platform/http/route.js'
import { giveCertificate, takeCertificateAway } from './certificates/own.js'
import { NewCertificate, NoCertificate } from './certificates/own-schema.js'
import { NewDnsChallenge } from './dns-challenges/challenge-schema.js'
import { removeDnsChallenge, retryDnsChallenge, setDnsChallenge } from './dns-challenges/dns-challenges.js'
import { sitesDomainOf } from './holders.js'
import { SitesDomainAnswer } from './schema.js'
import { sitesDomainPage } from './sites-domain-pages.js'

/** One certificate for the names of all sites of a server, in place of one for each. */
const here = '/servers/:server/sites-domain'

export const sitesDomainCertificateRoutes: readonly Route[] = [
  put(
    `${here}/dns-challenge`,
    {
      can: 'sites-domain:manage',
      quota: 'certificates',
      input: NewDnsChallenge,
      output: SitesDomainAnswer,
      form: async ({ ctx, params }) => page('domains/sites-domain', await sitesDomainPage(ctx, params.server)),
      summary: 'Have one certificate for all names by it obtained and renewed, with a token of whoever runs its DNS',
    },
    async ({ ctx, params, input }) => {
      await setDnsChallenge(ctx, sitesDomainOf(params.server), input)
      return shown(ctx, params.server, 'The certificate is being obtained')
    },
  ),
  post(
    `${here}/dns-challenge/retries`,
    {
      can: 'sites-domain:manage',
      quota: 'certificates',
      output: SitesDomainAnswer,
      summary: 'Try to obtain that certificate now',
    },
    async ({ ctx, params }) => {
      await retryDnsChallenge(ctx, sitesDomainOf(params.server))
      return shown(ctx, params.server, 'It is being tried')
    },
  ),
  del(
    `${here}/dns-challenge`,
    {
      can: 'sites-domain:manage',
      output: SitesDomainAnswer,
      summary: 'Forget the token; the certificate is not renewed any more',
    },
    async ({ ctx, params }) => {
      await removeDnsChallenge(ctx, sitesDomainOf(params.server))
      return shown(ctx, params.server, 'The token is forgotten')
    },
  ),
  put(
    `${here}/certificate`,
    {
      can: 'sites-domain:manage',
      input: NewCertificate,
      output: SitesDomainAnswer,
      form: async ({ ctx, params }) => page('domains/sites-domain', await sitesDomainPage(ctx, params.server)),
      summary: 'Give all names by it a certificate from elsewhere, which is not renewed by itself',
    },
    async ({ ctx, params, input }) => {
      await giveCertificate(ctx, sitesDomainOf(params.server), input)
      return shown(ctx, params.server, 'The certificate is good, and on its way')
    },
  ),
  del(
    `${here}/certificate`,
    { can: 'sites-domain:manage', output: NoCertificate, summary: 'Have Caddy get a certificate for each name again' },
    async ({ ctx, params }) => {
      await takeCertificateAway(ctx, sitesDomainOf(params.server))
      return go(paths.sitesDomain(ctx.team.slug, params.server), 'The certificate is removed')
    },
  ),
]

const shown = async (ctx: TeamCtx, server: string, message: string) =>
  go(paths.sitesDomain(ctx.team.slug, server), message, await sitesDomainPage(ctx, server))
