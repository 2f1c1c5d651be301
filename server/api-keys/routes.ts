import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post } from '../platform/http/route.js'
import { createApiKey, listApiKeys, revokeApiKey, rolesFor } from './api-keys.js'
import { ApiKeyList, CreatedApiKey, NewApiKey } from './schema.js'

export const apiKeyRoutes = [
  get('/api-keys', { can: 'api-key:manage-own', output: ApiKeyList, summary: 'API keys' }, ({ ctx }) => listPage(ctx)),

  post(
    '/api-keys',
    {
      can: 'api-key:manage-own',
      stepUp: true,
      input: NewApiKey,
      output: CreatedApiKey,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Make an API key',
    },
    async ({ ctx, input }) => {
      const { key, ...made } = await createApiKey(ctx, input)
      return page('api-keys/show', { ...made, name: input.name, key: key.reveal(), team: ctx.team }, 201)
    },
  ),

  del('/api-keys/:key', { can: 'api-key:manage-own', summary: 'Revoke an API key' }, async ({ ctx, params }) => {
    await revokeApiKey(ctx, params.key)
    return go(paths.apiKeys(ctx.team.slug), 'The key is revoked')
  }),
]

const listPage = async (ctx: TeamCtx) =>
  page('api-keys/index', { apiKeys: await listApiKeys(ctx), roles: rolesFor(ctx).map(optionOf), team: ctx.team })

const optionOf = (role: Role) => ({ value: role, label: role[0]?.toUpperCase() + role.slice(1) })
