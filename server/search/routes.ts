import { fragment, page } from '../platform/http/reply.js'
import { get, type Route } from '../platform/http/route.js'
import { FoundView, SearchQuery } from './schema.js'
import { search } from './search.js'

export const searchRoutes: readonly Route[] = [
  get(
    '/search',
    { can: 'team:read', query: SearchQuery, output: FoundView, summary: 'Sites and servers by part of their name' },
    async ({ ctx, query }) => page('search/show', await search(ctx, query.q)),
  ),

  get('/search/results', { can: 'team:read', query: SearchQuery }, async ({ ctx, query }) =>
    fragment('search/_results', await search(ctx, query.q)),
  ),
]
