import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { go, page } from '../platform/http/reply.js'
import { del, get, post, put } from '../platform/http/route.js'
import { giveRole, takeRole } from './grants.js'
import { createRole, deleteRole, listRoles, updateRole } from './own-roles.js'
import { rightsPage, rolePage, rolesPage } from './pages.js'
import { rightsOf } from './rights.js'
import { MemberRights, NewHolding, RoleAnswer, RoleChanges, RoleList } from './schema.js'

export const roleRoutes = [
  get('/roles', { can: 'member:read', output: RoleList, summary: 'Roles, and what each allows' }, ({ ctx }) =>
    listPage(ctx),
  ),

  post(
    '/roles',
    {
      can: 'role:manage',
      input: RoleChanges,
      output: RoleAnswer,
      form: ({ ctx }) => listPage(ctx),
      summary: 'Make a role of the team’s own',
    },
    async ({ ctx, input }) => {
      const role = await createRole(ctx, input)
      return go(paths.roles(ctx.team.slug), `The role ${role.name} is made`, { role })
    },
  ),

  get('/roles/:role', { can: 'role:manage', output: RoleAnswer, summary: 'One of the team’s own roles' }, (call) =>
    oneRole(call),
  ),

  put(
    '/roles/:role',
    { can: 'role:manage', input: RoleChanges, output: RoleAnswer, form: oneRole, summary: 'Change what a role allows' },
    async ({ ctx, params, input }) => {
      const role = await updateRole(ctx, params.role, input)
      return go(paths.roles(ctx.team.slug), `${role.name} is changed for everybody who holds it`, { role })
    },
  ),

  del(
    '/roles/:role',
    { can: 'role:manage', output: RoleList, summary: 'Remove a role; whoever holds it loses it' },
    async (call) => {
      await deleteRole(call.ctx, call.params.role)
      return go(paths.roles(call.ctx.team.slug), 'The role is removed', { roles: await listRoles(call.ctx) })
    },
  ),

  get(
    '/members/:member/role-grants',
    { can: 'member:read', output: MemberRights, summary: 'What a member may do, and why' },
    memberPage,
  ),

  post(
    '/members/:member/role-grants',
    {
      can: 'role:manage',
      input: NewHolding,
      output: MemberRights,
      form: memberPage,
      summary: 'Give a member a role on something',
    },
    async ({ ctx, params, input }) => {
      await giveRole(ctx, params.member, input)
      return done(ctx, params.member, 'The role is given')
    },
  ),

  del(
    '/members/:member/role-grants/:grant',
    { can: 'role:manage', output: MemberRights, summary: 'Take a role on something from a member' },
    async ({ ctx, params }) => {
      await takeRole(ctx, params.member, params.grant)
      return done(ctx, params.member, 'The role is taken')
    },
  ),
]

const listPage = async (ctx: TeamCtx) => page('roles/index', await rolesPage(ctx))

const done = async (ctx: TeamCtx, member: string, message: string) =>
  go(paths.roleGrants(ctx.team.slug, member), message, await rightsOf(ctx, member))

async function oneRole({ ctx, params }: { ctx: TeamCtx; params: { role: string } }) {
  return page('roles/show', await rolePage(ctx, params.role))
}

async function memberPage({ ctx, params }: { ctx: TeamCtx; params: { member: string } }) {
  return page('roles/member', await rightsPage(ctx, params.member))
}
