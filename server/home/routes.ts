import { fragment, page } from '../platform/http/reply.js'
import { get, type Route } from '../platform/http/route.js'
import { homePage } from './home.js'
import { HomeView } from './schema.js'

export const homeRoutes: readonly Route[] = [
  get('/', { can: 'team:read' }, async ({ ctx }) => page('home/show', await homePage(ctx))),

  get(
    '/home',
    { can: 'team:read', output: HomeView, summary: 'What needs attention, what runs, the last deploys' },
    async ({ ctx }) => page('home/show', await homePage(ctx)),
  ),

  get('/home/now', { can: 'team:read' }, async ({ ctx }) => fragment('home/_now', await homePage(ctx))),
]
