import { paths } from '../../paths.js'
import type { TeamCtx } from '../../platform/access/ctx.js'
import { fragment, go, page } from '../../platform/http/reply.js'
import { del, get, put, type Route } from '../../platform/http/route.js'
import { changeHeaders, changeMaintenance, removeVisitor, setVisitor } from './access.js'
import { accessPage } from './access-pages.js'
import { AccessAnswer, HeaderChanges, MaintenanceChanges, NewVisitor, RemovedVisitor } from './access-schema.js'

const here = '/sites/:site/access'

const shown = async ({ ctx, params }: { ctx: TeamCtx; params: { site: string } }) =>
  page('domains/access', await accessPage(ctx, params.site))

const done = async (ctx: TeamCtx, site: string, notice: string) =>
  go(paths.siteAccess(ctx.team.slug, site), notice, await accessPage(ctx, site))

export const accessRoutes: readonly Route[] = [
  get(
    here,
    { can: 'access:read', output: AccessAnswer, summary: 'What visitors of a site meet before they get it' },
    shown,
  ),
  get(`${here}/now`, { can: 'access:read' }, async ({ ctx, params }) =>
    fragment('domains/_access-now', await accessPage(ctx, params.site)),
  ),
  put(
    `${here}/visitors`,
    {
      can: 'access:manage',
      input: NewVisitor,
      output: AccessAnswer,
      form: shown,
      summary: 'Let somebody in by a password; without it nobody gets in any more',
    },
    async ({ ctx, params, input }) => {
      await setVisitor(ctx, params.site, input)
      return done(ctx, params.site, `${input.username} gets in by that password`)
    },
  ),
  del(
    '/sites/:site/visitor-passwords/:visitor',
    {
      can: 'access:manage',
      output: RemovedVisitor,
      summary: 'Take a password away; with the last one everybody gets in',
    },
    async ({ ctx, params }) => {
      await removeVisitor(ctx, params.site, params.visitor)
      return go(paths.siteAccess(ctx.team.slug, params.site), 'The password is removed')
    },
  ),
  put(
    `${here}/headers`,
    {
      can: 'access:manage',
      input: HeaderChanges,
      output: AccessAnswer,
      form: shown,
      summary: 'Headers on every answer of a site',
    },
    async ({ ctx, params, input }) => {
      await changeHeaders(ctx, params.site, input.headers)
      return done(ctx, params.site, 'Saved')
    },
  ),
  put(
    `${here}/maintenance`,
    {
      can: 'maintenance:manage',
      input: MaintenanceChanges,
      output: AccessAnswer,
      form: shown,
      summary: 'Show a page instead of a site, which keeps running',
    },
    async ({ ctx, params, input }) => {
      await changeMaintenance(ctx, params.site, input)
      return done(ctx, params.site, input.isOn ? 'Visitors get the maintenance page' : 'Saved')
    },
  ),
]
