import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { changeSecret, connect, disconnect, findConnection } from './connections.js'
import { githubAppRoutes } from './github-app/routes.js'
import { Forgotten } from './github-app/schema.js'
import { connectedPage, connectionPage, connectionsPage } from './pages.js'
import {
  ConnectedAnswer,
  ConnectionAnswer,
  ConnectionList,
  NewConnection,
  NewSigningToken,
  NewToken,
} from './schema.js'
import { setSigningToken } from './signing-token.js'
import { removeToken, setToken } from './tokens.js'

export const connectionRoutes: readonly Route[] = [
  ...githubAppRoutes,
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
      tellsSecret: true,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Connect a repository; the secret of its webhook is shown once',
    },
    async ({ ctx, input }) => page('connections/new', connectedPage(ctx, await connect(ctx, input)), 201),
  ),
  get(
    '/connections/:connection',
    { can: 'connection:read', output: ConnectionAnswer, summary: 'A connection' },
    ({ ctx, params }) => showPage(ctx, params.connection),
  ),
  put(
    '/connections/:connection/token',
    {
      can: 'connection:manage',
      input: NewToken,
      output: ConnectionAnswer,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'Give it a token, so that the host is told how deploys went; it is never shown again',
    },
    async ({ ctx, params, input }) => {
      await setToken(ctx, params.connection, input)
      return shown(ctx, params.connection, 'The host is told of deploys from now on')
    },
  ),
  del(
    '/connections/:connection/token',
    { can: 'connection:manage', output: ConnectionAnswer, summary: 'Remove the token; the host is told nothing more' },
    async ({ ctx, params }) => {
      await removeToken(ctx, params.connection)
      return shown(ctx, params.connection, 'The token is removed')
    },
  ),
  put(
    '/connections/:connection/signing-token',
    {
      can: 'connection:manage',
      input: NewSigningToken,
      output: ConnectionAnswer,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'The token that GitLab signs with; the secret is refused from then on',
    },
    async ({ ctx, params, input }) => {
      await setSigningToken(ctx, params.connection, input)
      return shown(ctx, params.connection, 'Only what GitLab has signed is taken from now on')
    },
  ),
  post(
    '/connections/:connection/secret',
    {
      can: 'connection:manage',
      output: ConnectedAnswer,
      tellsSecret: true,
      summary: 'A new secret; the old one is refused at once',
    },
    async ({ ctx, params }) =>
      page('connections/new', connectedPage(ctx, await changeSecret(ctx, params.connection)), 201),
  ),
  del(
    '/connections/:connection',
    { can: 'connection:manage', output: Forgotten, summary: 'Forget a connection and its deliveries' },
    async ({ ctx, params }) => {
      await disconnect(ctx, params.connection)
      return go(paths.connections(ctx.team.slug), 'The connection is forgotten')
    },
  ),
]

const load = async (ctx: TeamCtx, id: string) => connectionPage(ctx, await ctx.reading((tx) => findConnection(tx, id)))

const showPage = async (ctx: TeamCtx, id: string) => page('connections/show', await load(ctx, id))

async function shown(ctx: TeamCtx, id: string, message: string) {
  const { connection } = await load(ctx, id)
  return go(paths.connection(ctx.team.slug, id), message, { connection })
}

const listPage = async (ctx: TeamCtx) => page('connections/index', await connectionsPage(ctx))
