import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, patch, post } from '../platform/http/route.js'
import { GroupAnswer, GroupedSite, GroupList, GroupName } from './schema.js'
import { addSite, createGroup, deleteGroup, dropSite, groupPage, listGroups, renameGroup } from './site-groups.js'

export const siteGroupRoutes = [
  get('/site-groups', { can: 'member:read', output: GroupList, summary: 'Groups of sites' }, ({ ctx }) =>
    listPage(ctx),
  ),

  post(
    '/site-groups',
    {
      can: 'site-group:manage',
      input: GroupName,
      form: ({ ctx }) => listPage(ctx),
      output: GroupAnswer,
      summary: 'Make a group of sites',
    },
    async ({ ctx, input }) => {
      const group = await createGroup(ctx, input.name)
      return done(ctx, group.id, `The group ${group.name} is made`)
    },
  ),

  get(
    '/site-groups/:group',
    { can: 'member:read', output: GroupAnswer, summary: 'A group, with the sites in it' },
    onePage,
  ),

  patch(
    '/site-groups/:group',
    { can: 'site-group:manage', input: GroupName, form: onePage, output: GroupAnswer, summary: 'Rename a group' },
    async ({ ctx, params, input }) => {
      await renameGroup(ctx, params.group, input.name)
      return done(ctx, params.group, 'The group is renamed')
    },
  ),

  del(
    '/site-groups/:group',
    { can: 'site-group:manage', output: GroupList, summary: 'Remove a group; its sites stay' },
    async (call) => {
      await deleteGroup(call.ctx, call.params.group)
      return go(paths.siteGroups(call.ctx.team.slug), 'The group is removed', { groups: await listGroups(call.ctx) })
    },
  ),

  post(
    '/site-groups/:group/sites',
    {
      can: 'site-group:manage',
      input: GroupedSite,
      form: onePage,
      output: GroupAnswer,
      summary: 'Put a site into a group',
    },
    async ({ ctx, params, input }) => {
      await addSite(ctx, params.group, input.site)
      return done(ctx, params.group, 'The site is in the group')
    },
  ),

  del(
    '/site-groups/:group/sites/:site',
    { can: 'site-group:manage', output: GroupAnswer, summary: 'Take a site out of a group' },
    async ({ ctx, params }) => {
      await dropSite(ctx, params.group, params.site)
      return done(ctx, params.group, 'The site is out of the group')
    },
  ),
]

const listPage = async (ctx: TeamCtx) => page('site-groups/index', { groups: await listGroups(ctx) })

const done = async (ctx: TeamCtx, id: string, message: string) =>
  go(paths.siteGroup(ctx.team.slug, id), message, await groupPage(ctx, id))

async function onePage({ ctx, params }: { ctx: TeamCtx; params: { group: string } }) {
  return page('site-groups/show', await groupPage(ctx, params.group))
}
