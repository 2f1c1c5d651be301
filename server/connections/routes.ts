import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { changeSecret, connect, disconnect, findConnection } from './connections.js'
import { connectedPage, connectionPage, connectionsPage } from './pages.js'
import { ConnectedAnswer, ConnectionAnswer, ConnectionList, NewConnection } from './schema.js'

export const connectionRoutes: readonly Route[] = [
  get(
    '/connections',
    { can: 'connection:read', output: ConnectionList, summary: 'Repositories that tell of their pushes' },
    ({ ctx }) => listPage(ctx),
  ),
  post(
    '/connections',
    {
      can: 'connection:manage',
      input: NewConnection,
      output: ConnectedAnswer,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Connect a repository; the secret of its webhook is shown once',
    },
    async ({ ctx, input }) => page('connections/new', connectedPage(ctx, await connect(ctx, input)), 201),
  ),
  get(
    '/connections/:connection',
    { can: 'connection:read', output: ConnectionAnswer, summary: 'A connection' },
    async ({ ctx, params }) =>
      page('connections/show', connectionPage(ctx, await ctx.reading((tx) => findConnection(tx, params.connection)))),
  ),
  post(
    '/connections/:connection/secret',
    { can: 'connection:manage', output: ConnectedAnswer, summary: 'A new secret; the old one is refused at once' },
    async ({ ctx, params }) =>
      page('connections/new', connectedPage(ctx, await changeSecret(ctx, params.connection)), 201),
  ),
  del(
    '/connections/:connection',
    { can: 'connection:manage', summary: 'Forget a connection and its deliveries' },
    async ({ ctx, params }) => {
      await disconnect(ctx, params.connection)
      return go(paths.connections(ctx.team.slug), 'The connection is forgotten')
    },
  ),
]

const listPage = async (ctx: TeamCtx) => page('connections/index', await connectionsPage(ctx))
