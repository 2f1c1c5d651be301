import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { fragment, go, page } from '../platform/http/reply.js'
import { del, get, post, put, type Route } from '../platform/http/route.js'
import { approvePreview, removePreview, restorePreview } from './approval.js'
import { previewsPage } from './pages.js'
import { Approval, PreviewsAnswer, PreviewVariable, PreviewWish, PublicPreviews } from './schema.js'
import { updatePreviewSettings } from './settings.js'
import { removePreviewVariable, setPreviewVariable } from './variables.js'

const here = '/sites/:site/previews'

/** Pull requests that have a site of their own. */
export const previewRoutes: readonly Route[] = [
  get(
    here,
    {
      can: 'preview:read',
      output: PreviewsAnswer,
      publicly: PublicPreviews,
      summary: 'Previews of pull requests',
    },
    ({ ctx, params }) => show(ctx, params.site),
  ),
  get(`${here}/now`, { can: 'preview:read' }, async ({ ctx, params }) =>
    fragment('previews/_now', await previewsPage(ctx, params.site)),
  ),
  put(
    here,
    {
      can: 'preview:manage',
      input: PreviewWish,
      output: PreviewsAnswer,
      form: ({ ctx, params }) => show(ctx, params.site),
      summary: 'Which pull requests get previews; switched off, those that there are go',
    },
    async ({ ctx, params, input }) => {
      await updatePreviewSettings(ctx, params.site, input)
      return shown(ctx, params.site, 'Saved')
    },
  ),
  post(
    `${here}/variables`,
    {
      can: 'environment:update',
      input: PreviewVariable,
      output: PreviewsAnswer,
      form: ({ ctx, params }) => show(ctx, params.site),
      summary: 'What previews have for a variable instead of the site’s own',
    },
    async ({ ctx, params, input }) => {
      await setPreviewVariable(ctx, params.site, input)
      return shown(ctx, params.site, `${input.key} is set for previews`)
    },
  ),
  del(
    `${here}/variables/:key`,
    {
      can: 'environment:update',
      output: PreviewsAnswer,
      summary: 'Previews have the site’s own again, unless it is a secret',
    },
    async ({ ctx, params }) => {
      await removePreviewVariable(ctx, params.site, params.key)
      return shown(ctx, params.site, `${params.key} is removed`)
    },
  ),
  put(
    `${here}/:number/approval`,
    {
      can: 'preview:approve',
      input: Approval,
      output: PreviewsAnswer,
      form: ({ ctx, params }) => show(ctx, params.site),
      summary: 'Let one commit of a fork run on the server of the site',
    },
    async ({ ctx, params, input }) => {
      await approvePreview(ctx, params.site, Number(params.number), input.commit)
      return shown(ctx, params.site, 'The commit is approved')
    },
  ),
  del(
    `${here}/:number`,
    { can: 'preview:control', output: PreviewsAnswer, summary: 'Remove a preview, until the next commit comes' },
    async ({ ctx, params }) => {
      await removePreview(ctx, params.site, Number(params.number))
      return shown(ctx, params.site, 'The preview is being removed')
    },
  ),
  put(
    `${here}/:number`,
    { can: 'preview:control', output: PreviewsAnswer, summary: 'Bring a preview back that was removed' },
    async ({ ctx, params }) => {
      await restorePreview(ctx, params.site, Number(params.number))
      return shown(ctx, params.site, 'The preview is brought back')
    },
  ),
]

const show = async (ctx: TeamCtx, slug: string) => page('previews/index', await previewsPage(ctx, slug))

const shown = async (ctx: TeamCtx, slug: string, message: string) =>
  go(paths.previews(ctx.team.slug, slug), message, await previewsPage(ctx, slug))
