import type { Identity } from '../access/authorizer.js'
import { UserError } from '../errors.js'
import type { Face } from './doors.js'
import { pageQuery } from './pagination.js'
import type { Route } from './route.js'

/**
 * What a publishable key opens of a route: of the API, what the route says that everybody may read, and nothing else of
 * its answer. Whoever reads the page that such a key stands in has it, so a route is closed to it until it says so (AK-03).
 * @throws UserError 403 for a route that publishes nothing, and for pages
 */
export function publishedTo(identity: Identity, face: Face, route: Route): Route {
  if (identity.kind !== 'api-key' || !identity.isPublishable || route.options.can === 'anyone') return route
  const { publicly } = route.options
  if (face !== 'api' || !publicly)
    throw new UserError(
      403,
      'A publishable key does not open this',
      'It reads from the API how sites, deploys and previews are. For everything else make a secret key.',
    )
  // It turns pages and looks for nothing: what is not answered could be guessed by what is found.
  const query = route.options.query && pageQuery
  return { ...route, options: { ...route.options, output: publicly, ...(query && { query }) } }
}
