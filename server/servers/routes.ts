import { paths } from '../paths.js'
import { listOf } from '../platform/http/pagination.js'
import { fragment, go, page, started } from '../platform/http/reply.js'
import { del, get, patch, post, type Route } from '../platform/http/route.js'
import { preparationPage, serverPage, serverReadings, serversPage, settingsPage } from './pages.js'
import {
  AcceptedKey,
  NewServer,
  Preparation,
  PreviewAnswer,
  PreviewQuery,
  ReadingsAnswer,
  ReadingsQuery,
  Removal,
  RemovedServer,
  ServerAnswer,
  ServerChanges,
  ServerListQuery,
  ServerOutput,
  StartedOperation,
} from './schema.js'
import {
  acceptNewHostKey,
  addServer,
  localVerdict,
  removeServer,
  requestCheck,
  requestPreparation,
  updateServer,
} from './servers.js'
import { serverView } from './views.js'

export const serverRoutes: readonly Route[] = [
  get(
    '/servers',
    { can: 'server:read', query: ServerListQuery, output: listOf(ServerOutput), summary: 'Servers, newest first' },
    async ({ ctx, query }) => page('servers/index', await serversPage(ctx, query)),
  ),
  get('/servers/new', { can: 'server:create' }, async ({ ctx }) =>
    page('servers/new', { team: ctx.team, local: await localVerdict(ctx) }),
  ),
  post(
    '/servers',
    {
      can: 'server:create',
      input: NewServer,
      output: ServerAnswer,
      form: async ({ ctx }) => page('servers/new', { team: ctx.team, local: await localVerdict(ctx) }),
      summary: 'Add a server',
    },
    async ({ ctx, input }) => {
      const server = await addServer(ctx, input)
      return go(paths.server(ctx.team.slug, server.slug), `${server.name} is added`, { server: serverView(server) })
    },
  ),
  get(
    '/servers/:server',
    { can: 'server:read', query: ReadingsQuery, output: ServerAnswer, summary: 'A server' },
    async ({ ctx, params, query }) => page('servers/show', await serverPage(ctx, params.server, query.hours)),
  ),
  get('/servers/:server/overview', { can: 'server:read' }, async ({ ctx, params }) =>
    fragment('servers/_overview', await serverPage(ctx, params.server, 1)),
  ),
  get(
    '/servers/:server/readings',
    { can: 'server:read', query: ReadingsQuery, output: ReadingsAnswer, summary: 'CPU, memory, disk and load' },
    async ({ ctx, params, query }) => page('servers/readings', await serverReadings(ctx, params.server, query.hours)),
  ),
  post(
    '/servers/:server/checks',
    { can: 'server:check', output: StartedOperation, summary: 'Check a server; changes nothing there' },
    async ({ ctx, params }) => {
      const id = await requestCheck(ctx, params.server)
      return started(paths.server(ctx.team.slug, params.server), 'The check has begun', { operation: { id } })
    },
  ),
  get(
    '/servers/:server/preparation',
    { can: 'server:prepare', query: PreviewQuery, output: PreviewAnswer, summary: 'What preparing a server would do' },
    async ({ ctx, params, query }) => page('servers/preparation', await preparationPage(ctx, params.server, query)),
  ),
  post(
    '/servers/:server/preparation',
    { can: 'server:prepare', input: Preparation, output: StartedOperation, summary: 'Install what is missing there' },
    async ({ ctx, params, input }) => {
      const id = await requestPreparation(ctx, params.server, input)
      return started(paths.operation(ctx.team.slug, id), 'The preparation has begun', { operation: { id } })
    },
  ),
  post(
    '/servers/:server/host-key',
    { can: 'server:trust', input: AcceptedKey, output: ServerAnswer, summary: 'Accept a changed host key' },
    async ({ ctx, params, input }) => {
      const server = await acceptNewHostKey(ctx, params.server, input.fingerprint)
      return go(paths.server(ctx.team.slug, server.slug), 'The new host key is pinned', { server: serverView(server) })
    },
  ),
  get('/servers/:server/settings', { can: 'server:update' }, async ({ ctx, params }) =>
    page('servers/settings', await settingsPage(ctx, params.server)),
  ),
  patch(
    '/servers/:server',
    {
      can: 'server:update',
      input: ServerChanges,
      output: ServerAnswer,
      form: async ({ ctx, params }) => page('servers/settings', await settingsPage(ctx, params.server)),
      summary: 'Change how a server is reached, or its name',
    },
    async ({ ctx, params, input }) => {
      const server = await updateServer(ctx, params.server, input)
      return go(paths.server(ctx.team.slug, server.slug), 'Saved', { server: serverView(server) })
    },
  ),
  del(
    '/servers/:server',
    {
      can: 'server:delete',
      input: Removal,
      output: RemovedServer,
      form: async ({ ctx, params }) => page('servers/settings', await settingsPage(ctx, params.server)),
      summary: 'Remove a server that no site is on',
    },
    async ({ ctx, params, input }) => {
      const removed = await removeServer(ctx, params.server, input.confirm)
      return go(paths.servers(ctx.team.slug), `${removed.name} is removed`, { removed })
    },
  ),
]
