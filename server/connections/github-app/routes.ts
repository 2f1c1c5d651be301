import { paths } from '../../paths.js'
import type { TeamCtx } from '../../platform/access/ctx.js'
import { go, page, withFormTo } from '../../platform/http/reply.js'
import { del, get, post, type Route } from '../../platform/http/route.js'
import { sessionCookie } from '../../sessions/sessions.js'
import { beginApp, finishApp, forgetApp } from './creating.js'
import { beginInstallation, finishInstallation } from './installing.js'
import { appPage, newAppPage } from './pages.js'
import { refreshApp } from './refreshing.js'
import { AppAnswer, Created, CreatedQuery, Forgotten, Installed, InstalledQuery, NewApp } from './schema.js'

/** To GitHub and back, twice: to make the app, and to install it. Each way back is a page, since an address changes nothing. */
export const githubAppRoutes: readonly Route[] = [
  get('/github-apps/new', { can: 'github-app:manage' }, ({ ctx }) => newPage(ctx)),
  post(
    '/github-apps/starts',
    { can: 'github-app:manage', input: NewApp, form: ({ ctx }) => newPage(ctx) },
    async ({ ctx, input, origin }) => {
      const form = await beginApp(ctx, origin.cookie(sessionCookie), input)
      return withFormTo(page('connections/github-app/manifest', form, 201), form.action)
    },
  ),
  get('/github-apps/created', { can: 'github-app:manage', query: CreatedQuery }, ({ query }) =>
    page('connections/github-app/created', query),
  ),
  post('/github-apps', { can: 'github-app:manage', input: Created }, async ({ ctx, input, origin }) => {
    const id = await finishApp(ctx, origin.cookie(sessionCookie), input)
    return go(paths.githubApp(ctx.team.slug, id), 'GitHub is connected. Now install the app on your repositories')
  }),
  get('/github-apps/installed', { can: 'github-app:manage', query: InstalledQuery }, ({ query }) =>
    page('connections/github-app/installed', query),
  ),
  post('/github-apps/installations', { can: 'github-app:manage', input: Installed }, async ({ ctx, input, origin }) => {
    const id = await finishInstallation(ctx, origin.cookie(sessionCookie), input)
    return go(paths.githubApp(ctx.team.slug, id), 'The app is installed')
  }),
  get(
    '/github-apps/:app',
    { can: 'connection:read', output: AppAnswer, summary: 'A GitHub App, and where it is installed' },
    async ({ ctx, params }) => page('connections/github-app/show', await appPage(ctx, params.app)),
  ),
  post('/github-apps/:app/install', { can: 'github-app:manage' }, async ({ ctx, params, origin }) => {
    const url = await beginInstallation(ctx, origin.cookie(sessionCookie), params.app)
    return page('connections/github-app/install', { ...(await appPage(ctx, params.app)), url }, 201)
  }),
  post(
    '/github-apps/:app/refresh',
    { can: 'connection:manage', output: AppAnswer, summary: 'Ask GitHub which repositories the app may see' },
    async ({ ctx, params }) => {
      await refreshApp(ctx, params.app)
      return go(paths.githubApp(ctx.team.slug, params.app), 'GitHub was asked', await appPage(ctx, params.app))
    },
  ),
  del(
    '/github-apps/:app',
    { can: 'github-app:manage', output: Forgotten, summary: 'Forget a GitHub App, and what it told of pushes' },
    async ({ ctx, params }) => {
      await forgetApp(ctx, params.app)
      return go(paths.connections(ctx.team.slug), 'The app is forgotten here. Delete it at GitHub too')
    },
  ),
]

const newPage = (ctx: TeamCtx) => page('connections/github-app/new', newAppPage(ctx))
