import { paths } from '../paths.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { CreatedSite, Done, DraftAnswer, RepositoryList } from './answers.js'
import { repositoriesPage } from './choosing.js'
import { createDraft, createFromDraft, discardDraft, draftView, lookAgain } from './drafts.js'
import { createdView } from './pages.js'
import { Look, NewDraft, RepositoryQuery, SiteDetails, SourceQuery } from './schema.js'
import { draftPage, sourcePage } from './wizard.js'

/** The wizard: where the source is, then what is in it. Each page is a URL, so that it can be left and come back to. */
export const draftRoutes: readonly Route[] = [
  get('/sites/new', { can: 'site:create', query: SourceQuery }, async ({ ctx, query }) =>
    page('sites/new', await sourcePage(ctx, query)),
  ),
  get(
    '/sites/new/repositories',
    {
      can: 'site:create',
      query: RepositoryQuery,
      output: RepositoryList,
      summary: 'Repositories that a site can be made of, as GitHub Apps and the tokens of connections see them',
    },
    async ({ ctx, query, signal }) => page('sites/repositories', await repositoriesPage(ctx, query, signal)),
  ),
  post(
    '/sites/drafts',
    {
      can: 'site:create',
      input: NewDraft,
      output: DraftAnswer,
      form: async ({ ctx }) => page('sites/new', await sourcePage(ctx)),
      summary: 'Begin a site: look into its repository, or make the deploy key that lets us in',
    },
    async ({ ctx, input }) => {
      const draft = draftView(await createDraft(ctx, input))
      return go(paths.siteDraft(ctx.team.slug, draft.id), undefined, { draft })
    },
  ),
  get(
    '/sites/drafts/:draft',
    { can: 'site:create', output: DraftAnswer, summary: 'A site that is being described' },
    async ({ ctx, params }) => page('sites/draft', await draftPage(ctx, params.draft)),
  ),
  post(
    '/sites/drafts/:draft/look',
    {
      can: 'site:create',
      input: Look,
      output: DraftAnswer,
      form: async ({ ctx, params }) => page('sites/draft', await draftPage(ctx, params.draft)),
      summary: 'Look into the repository again, also at another branch or folder',
    },
    async ({ ctx, params, input }) => {
      const draft = draftView(await lookAgain(ctx, params.draft, input))
      return go(paths.siteDraft(ctx.team.slug, draft.id), undefined, { draft })
    },
  ),
  post(
    '/sites/drafts/:draft/site',
    {
      can: 'site:create',
      input: SiteDetails,
      output: CreatedSite,
      form: async ({ ctx, params }) => page('sites/draft', await draftPage(ctx, params.draft)),
      summary: 'Create the site and deploy it',
    },
    async ({ ctx, params, input }) => {
      const made = await createFromDraft(ctx, params.draft, input)
      const { site, deploy } = made
      const where = deploy
        ? paths.deploy(ctx.team.slug, site.slug, deploy.number)
        : paths.site(ctx.team.slug, site.slug)
      return go(where, `${site.name} is created`, createdView(ctx, made))
    },
  ),
  del(
    '/sites/drafts/:draft',
    { can: 'site:create', output: Done, summary: 'Forget a site that was not created' },
    async ({ ctx, params }) => {
      await discardDraft(ctx, params.draft)
      return go(paths.newSite(ctx.team.slug), 'It is forgotten, with its key')
    },
  ),
]
