import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, type Route } from '../platform/http/route.js'
import { mapRole, unmapRole } from './mappings.js'
import { directoryPage, showDirectory } from './pages.js'
import { DirectoryAnswer, NewDirectoryRole, NewToken, TokenRotation } from './schema.js'
import { scimRoutes } from './scim-routes.js'
import { type MadeToken, makeToken, revokeToken, rotateToken } from './tokens.js'

const at = '/sign-in-connections/:connection'

export const directoryRoutes: readonly Route[] = [
  get(
    '/sign-in-connections/:connection/directory',
    { can: 'sign-in:manage', output: DirectoryAnswer, summary: 'The directory that tells who is in the team (SCIM)' },
    ({ ctx, params }) => showPage(ctx, params.connection),
  ),
  post(
    `${at}/directory-tokens`,
    {
      can: 'sign-in:manage',
      stepUp: true,
      input: NewToken,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'Make a token for the directory',
    },
    async ({ ctx, params, input }) =>
      shownOnce(ctx, params.connection, await makeToken(ctx, params.connection, input.lifetime)),
  ),
  post(
    `${at}/directory-tokens/:token/rotations`,
    {
      can: 'sign-in:manage',
      stepUp: true,
      input: TokenRotation,
      summary: 'Make a new token in place of an old one, which goes on for a while',
    },
    async ({ ctx, params: { connection, token }, input }) =>
      shownOnce(ctx, connection, await rotateToken(ctx, connection, token, input.overlap)),
  ),
  del(
    `${at}/directory-tokens/:token`,
    { can: 'sign-in:manage', output: DirectoryAnswer, summary: 'Revoke a token of the directory' },
    async ({ ctx, params: { connection, token } }) => {
      await revokeToken(ctx, connection, token)
      return shown(ctx, connection, 'The token is revoked')
    },
  ),
  post(
    `${at}/directory-roles`,
    {
      can: 'role:manage',
      input: NewDirectoryRole,
      output: DirectoryAnswer,
      form: ({ ctx, params }) => showPage(ctx, params.connection),
      summary: 'Give a group of the directory a role',
    },
    async ({ ctx, params, input }) => {
      await mapRole(ctx, params.connection, input)
      return shown(ctx, params.connection, 'Whoever is in the group holds the role')
    },
  ),
  del(
    `${at}/directory-roles/:role`,
    { can: 'role:manage', output: DirectoryAnswer, summary: 'Take a role from a group of the directory' },
    async ({ ctx, params: { connection, role } }) => {
      await unmapRole(ctx, connection, role)
      return shown(ctx, connection, 'The group gives this role no longer')
    },
  ),
  ...scimRoutes,
]

const showPage = async (ctx: TeamCtx, connection: string) =>
  page('directories/show', await directoryPage(ctx, connection))

const shown = async (ctx: TeamCtx, connection: string, message: string) =>
  go(paths.directory(ctx.team.slug, connection), message, await showDirectory(ctx, connection))

const shownOnce = (ctx: TeamCtx, connection: string, { token, ...made }: MadeToken) =>
  page('directories/token', { ...made, token: token.reveal(), connection, team: ctx.team }, 201)
