import { paths } from '../paths.js'
import { fragment, go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { unicodeOf } from './names.js'
import { NewSitesDomain, Removed, SitesDomainAnswer } from './schema.js'
import { sitesDomainPage } from './sites-domain-pages.js'
import { removeSitesDomain, requestSitesDomainCheck, setSitesDomain } from './sites-domains.js'

const here = '/servers/:server/sites-domain'

export const sitesDomainRoutes: readonly Route[] = [
  get(
    here,
    {
      can: 'server:read',
      output: SitesDomainAnswer,
      summary: 'The domain below which all sites of a server have a name',
    },
    async ({ ctx, params }) => page('domains/sites-domain', await sitesDomainPage(ctx, params.server)),
  ),
  get(`${here}/now`, { can: 'server:read' }, async ({ ctx, params }) =>
    fragment('domains/_sites-domain-now', await sitesDomainPage(ctx, params.server)),
  ),
  put(
    here,
    {
      can: 'sites-domain:manage',
      input: NewSitesDomain,
      output: SitesDomainAnswer,
      form: async ({ ctx, params }) => page('domains/sites-domain', await sitesDomainPage(ctx, params.server)),
      summary: 'Set the sites domain of a server that has none',
    },
    async ({ ctx, params, input }) => {
      const { name } = await setSitesDomain(ctx, params.server, input.name)
      const answer = await sitesDomainPage(ctx, params.server)
      return go(
        paths.sitesDomain(ctx.team.slug, params.server),
        `${unicodeOf(name)} is set. Set the records below.`,
        answer,
      )
    },
  ),
  post(
    `${here}/check`,
    { can: 'sites-domain:manage', quota: 'dns-checks', output: SitesDomainAnswer, summary: 'Look at its DNS again' },
    async ({ ctx, params }) => {
      await requestSitesDomainCheck(ctx, params.server)
      const answer = await sitesDomainPage(ctx, params.server)
      return go(paths.sitesDomain(ctx.team.slug, params.server), 'It is being checked', answer)
    },
  ),
  del(
    here,
    { can: 'sites-domain:manage', output: Removed, summary: 'Take the names by it away from all sites of the server' },
    async ({ ctx, params }) => {
      const { name } = await removeSitesDomain(ctx, params.server)
      return go(paths.sitesDomain(ctx.team.slug, params.server), `${unicodeOf(name)} is removed`)
    },
  ),
]
