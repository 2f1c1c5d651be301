import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { fragment, go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { siteBranches } from './branches.js'
import { sitePushesPage } from './pages.js'
import { freezeSite, makeDeployHook, removeDeployHook, thawSite, updatePushSettings } from './pushes.js'
import { BranchList, MadeHook, NewFreeze, PushSettings, SitePushes } from './schema.js'

/** What a push does to one site. */
export const sitePushRoutes: readonly Route[] = [
  get(
    '/sites/:site/pushes',
    { can: 'push:read', output: SitePushes, summary: 'What a push does to the site' },
    ({ ctx, params }) => show(ctx, params.site),
  ),
  put(
    '/sites/:site/pushes',
    {
      can: 'push:manage',
      input: PushSettings,
      output: SitePushes,
      form: ({ ctx, params }) => show(ctx, params.site),
      summary: 'Change what a push does to the site',
    },
    async ({ ctx, params, input, signal }) => {
      await updatePushSettings(ctx, params.site, input, signal)
      return shown(ctx, params.site, 'Saved')
    },
  ),
  get(
    '/sites/:site/pushes/branches',
    { can: 'push:manage', output: BranchList, summary: 'The branches of the repository, asked of it now' },
    async ({ ctx, params, signal }) => fragment('pushes/_branches', await siteBranches(ctx, params.site, signal)),
  ),
  put(
    '/sites/:site/freeze',
    {
      can: 'freeze:manage',
      input: NewFreeze,
      output: SitePushes,
      form: ({ ctx, params }) => show(ctx, params.site),
      summary: 'Hold pushes back for some hours; the newest is deployed afterwards',
    },
    async ({ ctx, params, input }) => {
      await freezeSite(ctx, params.site, input)
      return shown(ctx, params.site, 'Pushes are held back')
    },
  ),
  del(
    '/sites/:site/freeze',
    { can: 'freeze:manage', output: SitePushes, summary: 'End the freeze' },
    async ({ ctx, params }) => {
      await thawSite(ctx, params.site)
      return shown(ctx, params.site, 'The freeze is over')
    },
  ),
  post(
    '/sites/:site/deploy-hook',
    {
      can: 'deploy-hook:manage',
      output: MadeHook,
      tellsSecret: true,
      summary: 'An address that deploys when posted to; shown once',
    },
    async ({ ctx, params }) => {
      const url = await makeDeployHook(ctx, params.site)
      return page('pushes/hook', { ...(await sitePushesPage(ctx, params.site)), url: url.reveal() }, 201)
    },
  ),
  del(
    '/sites/:site/deploy-hook',
    { can: 'deploy-hook:manage', output: SitePushes, summary: 'Remove the deploy hook' },
    async ({ ctx, params }) => {
      await removeDeployHook(ctx, params.site)
      return shown(ctx, params.site, 'The deploy hook is removed')
    },
  ),
]

const show = async (ctx: TeamCtx, slug: string) => page('pushes/site', await sitePushesPage(ctx, slug))

async function shown(ctx: TeamCtx, slug: string, message: string) {
  const { pushes } = await sitePushesPage(ctx, slug)
  return go(paths.pushes(ctx.team.slug, slug), message, { pushes })
}
