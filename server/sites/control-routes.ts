import { Readable } from 'node:stream'
import { paths } from '../paths.js'
import { logQuery, resumeAfter } from '../platform/http/log-lines.js'
import { file, go, page, started, stream } from '../platform/http/reply.js'
import { del, get, patch, post, put, type Route } from '../platform/http/route.js'
import { CheckedSource, LogAnswer, RemovalAnswer, SiteAnswer, StartedDeploy, StartedOperation } from './answers.js'
import { followLogs, logsPage, logText } from './logs.js'
import { requestRemoval } from './removal.js'
import { Removal, SiteChanges, SourceChange } from './schema.js'
import { updateSettings, updateSource } from './settings.js'
import { checkSource, settingsPage, siteAnswer } from './settings-page.js'
import { activateSite, archiveSite, deactivateSite, unarchiveSite } from './states.js'

/** Settings, states, logs and the end of a site. */
export const controlRoutes: readonly Route[] = [
  get('/sites/:site/settings', { can: 'site:update' }, async ({ ctx, params }) =>
    page('sites/settings', await settingsPage(ctx, params.site)),
  ),
  patch(
    '/sites/:site',
    {
      can: 'site:update',
      input: SiteChanges,
      output: SiteAnswer,
      form: async ({ ctx, params }) => page('sites/settings', await settingsPage(ctx, params.site)),
      summary: 'Change settings; they hold from the next deploy on',
    },
    async ({ ctx, params, input, signal }) => {
      const site = await updateSettings(ctx, params.site, input, signal)
      return go(
        paths.siteSettings(ctx.team.slug, site.slug),
        'Saved. It holds from the next deploy on.',
        await siteAnswer(ctx, site),
      )
    },
  ),
  put(
    '/sites/:site/source',
    {
      can: 'source:update',
      input: SourceChange,
      output: SiteAnswer,
      form: async ({ ctx, params }) => page('sites/settings', await settingsPage(ctx, params.site)),
      summary: 'Another repository, or another way into it',
    },
    async ({ ctx, params, input }) => {
      const site = await updateSource(ctx, params.site, input)
      return go(paths.siteSettings(ctx.team.slug, site.slug), 'The source is saved', await siteAnswer(ctx, site))
    },
  ),
  post(
    '/sites/:site/source/check',
    {
      can: 'source:update',
      output: CheckedSource,
      form: async ({ ctx, params }) => page('sites/settings', await settingsPage(ctx, params.site)),
      summary: 'Ask whether the repository lets us in',
    },
    async ({ ctx, params }) => {
      const message = await checkSource(ctx, params.site)
      return go(paths.siteSettings(ctx.team.slug, params.site), message, { message })
    },
  ),
  del(
    '/sites/:site',
    {
      can: 'site:delete',
      input: Removal,
      output: RemovalAnswer,
      form: async ({ ctx, params }) => page('sites/settings', await settingsPage(ctx, params.site)),
      summary: 'Delete a site with everything of it; its name is typed',
    },
    async ({ ctx, params, input }) => {
      const id = await requestRemoval(ctx, params.site, input)
      const { slug } = ctx.team
      return id
        ? started(paths.operation(slug, id), 'The site is being deleted', { operation: { id } })
        : go(paths.sites(slug), 'The site is forgotten', { operation: null })
    },
  ),
  put(
    '/sites/:site/activation',
    { can: 'site:control', output: StartedDeploy, summary: 'Bring back the release that was live last' },
    async ({ ctx, params }) => {
      const deploy = await activateSite(ctx, params.site)
      if (!deploy) return go(paths.site(ctx.team.slug, params.site), 'The site can be deployed again', { deploy: null })
      const answer = { deploy: { number: deploy.number, operationId: deploy.operation_id } }
      return started(paths.deploy(ctx.team.slug, params.site, deploy.number), 'The site is being activated', answer)
    },
  ),
  del(
    '/sites/:site/activation',
    { can: 'site:control', output: StartedOperation, summary: 'Deactivate: visitors are turned away, nothing runs' },
    async ({ ctx, params }) => {
      const id = await deactivateSite(ctx, params.site)
      return started(paths.operation(ctx.team.slug, id), 'The site is being deactivated', { operation: { id } })
    },
  ),
  put(
    '/sites/:site/archive',
    { can: 'site:control', output: SiteAnswer, summary: 'Archive: out of the way and unchangeable' },
    async ({ ctx, params }) => {
      const site = await archiveSite(ctx, params.site)
      return go(paths.site(ctx.team.slug, site.slug), `${site.name} is archived`, await siteAnswer(ctx, site))
    },
  ),
  del(
    '/sites/:site/archive',
    { can: 'site:control', output: SiteAnswer, summary: 'Bring a site back from the archive' },
    async ({ ctx, params }) => {
      const site = await unarchiveSite(ctx, params.site)
      return go(paths.site(ctx.team.slug, site.slug), `${site.name} is back`, await siteAnswer(ctx, site))
    },
  ),

  get(
    '/sites/:site/logs',
    { can: 'log:read', quota: 'log-readings', output: LogAnswer, summary: 'The last lines of the running instance' },
    async ({ ctx, params }) => page('sites/logs', await logsPage(ctx, params.site)),
  ),
  get(
    '/sites/:site/logs/stream',
    { can: 'log:read', quota: 'log-readings', query: logQuery },
    async ({ ctx, params, query, origin, signal }) =>
      stream(await followLogs(ctx, params.site, resumeAfter({ query, origin }), signal)),
  ),
  get('/sites/:site/logs/file', { can: 'log:read', quota: 'log-readings' }, async ({ ctx, params }) =>
    file(`${params.site}.log`, 'text/plain; charset=utf-8', Readable.from([await logText(ctx, params.site)])),
  ),
]
