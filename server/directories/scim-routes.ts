import { notFound } from '../platform/errors.js'
import { scim } from '../platform/http/reply.js'
import { get, type Route } from '../platform/http/route.js'
import { addressOf } from './pages.js'
import { ResourceQuery } from './schema.js'
import { listResponse, type Resource } from './scim/resources.js'
import { resourceTypes, schemas, serviceProviderConfig } from './scim/schemas.js'
import { groupRoutes } from './scim-group-routes.js'
import { userRoutes } from './scim-user-routes.js'

const asked = { can: 'directory', query: ResourceQuery } as const

/** Where a directory speaks to us, by SCIM 2.0. It alone does: no session and no API key opens one of these (AK-05). */
export const scimRoutes: readonly Route[] = [
  get('/scim/v2/:directory/ServiceProviderConfig', asked, ({ ctx, params }) =>
    scim(serviceProviderConfig(addressOf(ctx, params.directory))),
  ),
  get('/scim/v2/:directory/ResourceTypes', asked, ({ ctx, params }) =>
    listed(resourceTypes(addressOf(ctx, params.directory))),
  ),
  get('/scim/v2/:directory/ResourceTypes/:type', asked, ({ ctx, params }) =>
    scim(named(resourceTypes(addressOf(ctx, params.directory)), params.type, 'resource type')),
  ),
  get('/scim/v2/:directory/Schemas', asked, ({ ctx, params }) => listed(schemas(addressOf(ctx, params.directory)))),
  get('/scim/v2/:directory/Schemas/:schema', asked, ({ ctx, params }) =>
    scim(named(schemas(addressOf(ctx, params.directory)), params.schema, 'schema')),
  ),
  ...userRoutes,
  ...groupRoutes,
]

const listed = (resources: readonly Resource[]) => scim(listResponse(resources, resources.length))

function named(resources: readonly Resource[], id: string, what: string): Resource {
  const found = resources.find((resource) => resource.id === id)
  if (!found) throw notFound(what)
  return found
}
