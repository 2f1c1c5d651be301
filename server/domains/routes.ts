import { paths } from '../paths.js'
import { fragment, go, page } from '../platform/http/reply.js'
import { del, get, patch, post, put, type Route } from '../platform/http/route.js'
import { addDomain, changeDomain, changeFront, removeDomain, requestCheck } from './domains.js'
import { changedDomain, changedFront, domainPage, domainsPage } from './pages.js'
import {
  ChangedDomain,
  ChangedFront,
  DomainAnswer,
  DomainChanges,
  DomainsAnswer,
  FrontChanges,
  NewDomain,
  Removed,
} from './schema.js'

const here = '/sites/:site/domains'

export const domainRoutes: readonly Route[] = [
  get(here, { can: 'domain:read', output: DomainsAnswer, summary: 'Domains of a site' }, async ({ ctx, params }) =>
    page('domains/index', await domainsPage(ctx, params.site)),
  ),
  get(`${here}/now`, { can: 'domain:read' }, async ({ ctx, params }) =>
    fragment('domains/_list', await domainsPage(ctx, params.site)),
  ),
  post(
    here,
    {
      can: 'domain:manage',
      quota: 'certificates',
      input: NewDomain,
      output: ChangedDomain,
      form: async ({ ctx, params }) => page('domains/index', await domainsPage(ctx, params.site)),
      summary: 'Add a domain to a site',
    },
    async ({ ctx, params, input }) => {
      const domain = await addDomain(ctx, params.site, input)
      return go(
        paths.domain(ctx.team.slug, params.site, domain.id),
        `${domain.name} is added. Set the records below.`,
        await changedDomain(ctx, params.site, domain),
      )
    },
  ),
  put(
    `${here}/front`,
    {
      can: 'domain:manage',
      input: FrontChanges,
      output: ChangedFront,
      form: async ({ ctx, params }) => page('domains/index', await domainsPage(ctx, params.site)),
      summary: 'What holds for all domains of a site',
    },
    async ({ ctx, params, input }) => {
      const front = await changeFront(ctx, params.site, input)
      return go(paths.domains(ctx.team.slug, params.site), 'Saved', await changedFront(ctx, params.site, front))
    },
  ),
  get(
    `${here}/:domain`,
    { can: 'domain:read', output: DomainAnswer, summary: 'A domain, with the records that it needs' },
    async ({ ctx, params }) => page('domains/show', await domainPage(ctx, params.site, params.domain)),
  ),
  get(`${here}/:domain/now`, { can: 'domain:read' }, async ({ ctx, params }) =>
    fragment('domains/_now', await domainPage(ctx, params.site, params.domain)),
  ),
  patch(
    `${here}/:domain`,
    {
      can: 'domain:manage',
      input: DomainChanges,
      output: ChangedDomain,
      form: async ({ ctx, params }) => page('domains/show', await domainPage(ctx, params.site, params.domain)),
      summary: 'Make a domain the primary one, or have it serve or redirect',
    },
    async ({ ctx, params, input }) => {
      const domain = await changeDomain(ctx, params.site, params.domain, input)
      const answer = await changedDomain(ctx, params.site, domain)
      return go(paths.domain(ctx.team.slug, params.site, domain.id), 'Saved', answer)
    },
  ),
  post(
    `${here}/:domain/check`,
    { can: 'domain:manage', quota: 'dns-checks', output: ChangedDomain, summary: 'Look at its DNS again' },
    async ({ ctx, params }) => {
      const domain = await requestCheck(ctx, params.site, params.domain)
      const answer = await changedDomain(ctx, params.site, domain)
      return go(paths.domain(ctx.team.slug, params.site, domain.id), 'It is being checked', answer)
    },
  ),
  del(
    `${here}/:domain`,
    { can: 'domain:delete', output: Removed, summary: 'Remove a domain' },
    async ({ ctx, params }) => {
      const { name } = await removeDomain(ctx, params.site, params.domain)
      return go(paths.domains(ctx.team.slug, params.site), `${name} is removed`)
    },
  ),
]
