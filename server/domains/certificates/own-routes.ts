import { paths } from '../../paths.js'
import { go, page } from '../../platform/http/reply.js'
import { del, put, type Route } from '../../platform/http/route.js'
import { siteDomain } from '../holders.js'
import { domainPage } from '../pages.js'
import { DomainAnswer } from '../schema.js'
import { giveCertificate, takeCertificateAway } from './own.js'
import { NewCertificate, NoCertificate } from './own-schema.js'

const here = '/sites/:site/domains/:domain/certificate'

export const ownCertificateRoutes: readonly Route[] = [
  put(
    here,
    {
      can: 'certificate:manage',
      input: NewCertificate,
      output: DomainAnswer,
      form: async ({ ctx, params }) => page('domains/show', await domainPage(ctx, params.site, params.domain)),
      summary: 'Give a domain a certificate from elsewhere, which is not renewed by itself',
    },
    async ({ ctx, params, input }) => {
      await giveCertificate(ctx, siteDomain(params.site, params.domain), input)
      const answer = await domainPage(ctx, params.site, params.domain)
      return go(
        paths.domain(ctx.team.slug, params.site, params.domain),
        'The certificate is good, and on its way',
        answer,
      )
    },
  ),
  del(
    here,
    { can: 'certificate:manage', output: NoCertificate, summary: 'Have Caddy get the certificate again' },
    async ({ ctx, params }) => {
      await takeCertificateAway(ctx, siteDomain(params.site, params.domain))
      return go(paths.domain(ctx.team.slug, params.site, params.domain), 'The certificate is removed')
    },
  ),
]
