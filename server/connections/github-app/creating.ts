import { github } from '../../git/hosts/github.js'
import { githubApi } from '../../git/hosts/github-api.js'
import { githubAppApi, MadeApp } from '../../git/hosts/github-app-api.js'
import { paths } from '../../paths.js'
import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import { conflict, FieldError, notFound, UserError } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import { isId, newId } from '../../platform/ids.js'
import { OutboundFault } from '../../platform/outbound/fault.js'
import type { Secret } from '../../platform/secret.js'
import { linkThroughApps } from '../links.js'
import { ask, keyPlace, read } from './asking.js'
import { manifestAction, manifestOf } from './manifest.js'
import * as queries from './queries.js'
import type { NewApp } from './schema.js'
import { beginStart, claimStart, giveBackStart, type SessionCookie } from './starts.js'

/** What a browser has to post to GitHub, and where. */
export interface ManifestForm {
  readonly action: string
  readonly manifest: string
}

/** Nothing of the app is there before GitHub has made it and sent the person back. */
export const beginApp = (ctx: TeamCtx, session: SessionCookie, wanted: NewApp): Promise<ManifestForm> =>
  ctx.transaction(async (tx) => {
    const webUrl = webAddress(ctx, wanted.webUrl)
    const state = await beginStart(tx, session, { appId: null, webUrl })
    const team = ctx.team.slug
    const manifest = manifestOf({
      ...{ baseUrl: ctx.services.config.baseUrl, teamSlug: team, webhookPath: github.path },
      ...{ createdPath: paths.githubAppCreated(team), installedPath: paths.githubAppInstalled(team) },
    })
    return {
      action: manifestAction(webUrl, wanted.organization, state.reveal()),
      manifest: JSON.stringify(manifest),
    }
  })

/** A GitHub of one's own, as long as it may be spoken to; else the one that everybody knows. */
function webAddress({ services }: TeamCtx, address: string | null): string {
  if (address === null) return 'https://github.com'
  try {
    const url = services.outbound.check(address)
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
      throw new OutboundFault('refused', 'Give the address of GitHub itself, such as https://github.acme.com')
    services.outbound.check(githubApi.base(url.origin))
    return url.origin
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    throw new FieldError('webUrl', error.message)
  }
}

/**
 * 1. Whoever comes back is the one who left. 2. GitHub gives the app with its secrets for the code, once. 3. They are
 * sealed. Where that fails nothing is kept, and the start may be used again.
 */
export async function finishApp(
  ctx: TeamCtx,
  session: SessionCookie,
  { code, state }: { code: string; state: string },
): Promise<string> {
  const start = await ctx.transaction((tx) => claimStart(tx, session, state, false))
  try {
    const made = await convert(ctx, start.webUrl, code)
    return await ctx.transaction((tx) => keep(tx, start.webUrl, made))
  } catch (error) {
    await ctx.transaction((tx) => giveBackStart(tx, state))
    throw error
  }
}

async function convert({ services }: TeamCtx, webUrl: string, code: string): Promise<MadeApp> {
  const answer = await ask(services, { apiUrl: githubApi.base(webUrl), call: githubAppApi.convert(code) })
  if (answer.status === 404 || answer.status === 422)
    throw new UserError(
      422,
      'GitHub does not know the code that you came back with',
      'It lasts for an hour and is used once. Go to Connections and begin again.',
    )
  return read(answer, MadeApp, 'the new app')
}

async function keep(tx: TeamTx, webUrl: string, made: MadeApp): Promise<string> {
  const { ctx } = tx
  const id = newId()
  const seal = (secret: Secret, column: string) => ctx.services.vault.seal(secret, { ...keyPlace(id), column })
  const isNew = await queries.insertApp(tx, {
    ...{ id, team_id: ctx.team.id, host: new URL(webUrl).hostname, web_url: webUrl, api_url: githubApi.base(webUrl) },
    ...{ app_id: made.id, name: made.name, page_url: pageOf(webUrl, made), owner: made.owner.login },
    private_key_sealed: seal(made.pem, 'private_key_sealed'),
    webhook_secret_sealed: seal(made.webhook_secret, 'webhook_secret_sealed'),
    client_secret_sealed: seal(made.client_secret, 'client_secret_sealed'),
    ...{ created_by: ctx.actor.name, created_at: ctx.now() },
  })
  if (!isNew)
    throw conflict(`${made.name} is connected already`, 'One app belongs to one team. Begin again for another.')
  await append(tx, { type: 'github-app.created', subject: { kind: 'github-app', id }, data: { name: made.name } })
  return id
}

/** The address that GitHub tells, unless it leads elsewhere. */
const pageOf = (webUrl: string, { html_url: page, slug }: MadeApp): string =>
  new URL(page).origin === webUrl ? page : `${webUrl}/apps/${encodeURIComponent(slug)}`

/** What it told of pushes, and what connects through it, goes with it. At GitHub it stays until somebody deletes it there. */
export const forgetApp = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { name } = await findApp(tx, id)
    if (!(await queries.deleteApp(tx, id))) throw notFound('GitHub App')
    await linkThroughApps(tx)
    await append(tx, { type: 'github-app.removed', subject: { kind: 'github-app', id }, data: { name } })
  })

/** @throws UserError 404, also for another team's */
export async function findApp(tx: TeamTx, id: string): Promise<queries.App> {
  const app = isId(id) && (await queries.maybeApp(tx, id))
  if (!app) throw notFound('GitHub App')
  return app
}
