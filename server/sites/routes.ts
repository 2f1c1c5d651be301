import { paths } from '../paths.js'
import { listOf } from '../platform/http/pagination.js'
import { fragment, go, page } from '../platform/http/reply.js'
import { get, post, type Route } from '../platform/http/route.js'
import { CreatedSite, ListedSite, PublicListedSite, PublicSite, SiteAnswer } from './answers.js'
import { controlRoutes } from './control-routes.js'
import { draftRoutes } from './draft-routes.js'
import { environmentRoutes } from './environment-routes.js'
import { sitesPage } from './list-page.js'
import { createSite } from './new-site.js'
import { createdView, overviewPage } from './pages.js'
import { NewSite, SiteListQuery } from './schema.js'

export const siteRoutes: readonly Route[] = [
  ...draftRoutes,
  ...environmentRoutes,
  ...controlRoutes,
  get(
    '/sites',
    {
      can: 'site:read',
      query: SiteListQuery,
      output: listOf(ListedSite),
      publicly: listOf(PublicListedSite),
      summary: 'Sites, newest first',
    },
    async ({ ctx, query }) => page('sites/index', await sitesPage(ctx, query)),
  ),
  post(
    '/sites',
    { can: 'site:create', input: NewSite, output: CreatedSite, summary: 'Create a site and deploy it' },
    async ({ ctx, input }) => {
      const made = await createSite(ctx, input)
      return go(paths.site(ctx.team.slug, made.site.slug), `${made.site.name} is created`, createdView(ctx, made))
    },
  ),
  get(
    '/sites/:site',
    { can: 'site:read', output: SiteAnswer, publicly: PublicSite, summary: 'A site' },
    async ({ ctx, params }) => page('sites/show', await overviewPage(ctx, params.site)),
  ),
  get('/sites/:site/now', { can: 'site:read' }, async ({ ctx, params }) =>
    fragment('sites/_now', await overviewPage(ctx, params.site)),
  ),
]
