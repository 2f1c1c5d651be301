import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post } from '../platform/http/route.js'
import { type CreatedKey, createApiKey, revokeApiKey, rotateApiKey } from './api-keys.js'
import { keysPage } from './pages.js'
import { ApiKeyList, CreatedApiKey, NewApiKey, Rotation } from './schema.js'

export const apiKeyRoutes = [
  get('/api-keys', { can: 'api-key:manage-own', output: ApiKeyList, summary: 'API keys' }, ({ ctx }) => listPage(ctx)),

  post(
    '/api-keys',
    {
      can: 'api-key:manage-own',
      stepUp: true,
      input: NewApiKey,
      output: CreatedApiKey,
      tellsSecret: true,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Make an API key',
    },
    async ({ ctx, input }) => shownOnce(ctx, await createApiKey(ctx, input)),
  ),

  post(
    '/api-keys/:key/rotations',
    {
      can: 'api-key:manage-own',
      stepUp: true,
      input: Rotation,
      summary: 'Make a new key in place of an old one, which goes on for a while',
    },
    async ({ ctx, params, input }) => shownOnce(ctx, await rotateApiKey(ctx, params.key, input.overlap)),
  ),

  del('/api-keys/:key', { can: 'api-key:manage-own', summary: 'Revoke an API key' }, async ({ ctx, params }) => {
    await revokeApiKey(ctx, params.key)
    return go(paths.apiKeys(ctx.team.slug), 'The key is revoked')
  }),
]

const listPage = async (ctx: TeamCtx) => page('api-keys/index', await keysPage(ctx))

const shownOnce = (ctx: TeamCtx, { key, ...made }: CreatedKey) =>
  page('api-keys/show', { ...made, key: key.reveal(), team: ctx.team }, 201)
