import { z } from 'zod'
import { paths } from '../paths.js'
import { listOf, pageQuery } from '../platform/http/pagination.js'
import { fragment, page, started } from '../platform/http/reply.js'
import { get, post, type Route } from '../platform/http/route.js'
import { cancelDeploy, requestDeploy, requestRollback } from './deploys.js'
import { comparePage, deployPage, deploysPage, releasesPage } from './pages.js'
import { shown } from './rules.js'
import {
  ChangeView,
  CompareQuery,
  DeployView,
  NewDeploy,
  NewRollback,
  PublicDeploy,
  PublicRelease,
  ReleaseView,
} from './schema.js'

const one = z.object({ deploy: DeployView })

export const deployRoutes: readonly Route[] = [
  get(
    '/sites/:site/deploys',
    {
      can: 'deploy:read',
      query: pageQuery,
      output: listOf(DeployView),
      publicly: listOf(PublicDeploy),
      summary: 'Deploys of a site, newest first',
    },
    async ({ ctx, params, query }) => page('deploys/index', await deploysPage(ctx, params.site, query)),
  ),
  post(
    '/sites/:site/deploys',
    {
      can: 'deploy:create',
      quota: 'deploys',
      input: NewDeploy,
      output: one,
      summary: 'Deploy the newest commit, or one exact commit',
    },
    async ({ ctx, params, input }) => {
      const deploy = await ctx.transaction((tx) =>
        requestDeploy(tx, params.site, input.commit ? { commit: input.commit } : {}),
      )
      return started(paths.deploy(ctx.team.slug, params.site, deploy.number), 'The deploy is queued', {
        deploy: shown(deploy, nothingLive),
      })
    },
  ),
  get(
    '/sites/:site/deploys/:number',
    { can: 'deploy:read', output: one, publicly: z.object({ deploy: PublicDeploy }), summary: 'A deploy' },
    async ({ ctx, params }) => page('deploys/show', await deployPage(ctx, params.site, Number(params.number))),
  ),
  get('/sites/:site/deploys/:number/progress', { can: 'deploy:read' }, async ({ ctx, params }) =>
    fragment('deploys/_progress', await deployPage(ctx, params.site, Number(params.number))),
  ),
  post(
    '/sites/:site/deploys/:number/cancellation',
    { can: 'deploy:cancel', output: one, summary: 'Cancel a deploy that waits or runs' },
    async ({ ctx, params }) => {
      const deploy = await ctx.transaction((tx) => cancelDeploy(tx, params.site, Number(params.number)))
      return started(paths.deploy(ctx.team.slug, params.site, deploy.number), 'The deploy is being cancelled', {
        deploy: shown(deploy, nothingLive),
      })
    },
  ),
  get(
    '/sites/:site/releases',
    {
      can: 'deploy:read',
      output: listOf(ReleaseView),
      publicly: listOf(PublicRelease),
      summary: 'Releases of a site, newest first',
    },
    async ({ ctx, params }) => page('releases/index', await releasesPage(ctx, params.site)),
  ),
  get(
    '/sites/:site/comparison',
    { can: 'deploy:read', query: CompareQuery, output: ChangeView, summary: 'What changed between two releases' },
    async ({ ctx, params, query }) => page('releases/compare', await comparePage(ctx, params.site, query)),
  ),
  post(
    '/sites/:site/rollbacks',
    {
      can: 'deploy:roll-back',
      quota: 'deploys',
      input: NewRollback,
      output: one,
      summary: 'Go back to a kept release, without a build',
    },
    async ({ ctx, params, input }) => {
      const deploy = await ctx.transaction((tx) => requestRollback(tx, params.site, input.release))
      return started(
        paths.deploy(ctx.team.slug, params.site, deploy.number),
        `Going back to release ${input.release}`,
        {
          deploy: shown(deploy, nothingLive),
        },
      )
    },
  ),
]

/** A deploy that was only just asked for is not what visitors see. */
const nothingLive = { live_release_id: null }
