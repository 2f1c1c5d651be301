import { githubAppApi, Installation } from '../../git/hosts/github-app-api.js'
import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import { notFound, UserError } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import { newId } from '../../platform/ids.js'
import { askAsApp, read } from './asking.js'
import { findApp } from './creating.js'
import * as queries from './queries.js'
import { refreshInstallation } from './refreshing.js'
import { beginStart, claimStart, giveBackStart, type SessionCookie } from './starts.js'

/** Where at GitHub a person chooses the account and its repositories. */
export const beginInstallation = (ctx: TeamCtx, session: SessionCookie, appId: string): Promise<string> =>
  ctx.transaction(async (tx) => {
    const app = await findApp(tx, appId)
    const state = await beginStart(tx, session, { appId, webUrl: app.web_url })
    return `${app.page_url}/installations/new?${new URLSearchParams({ state: state.reveal() })}`
  })

/**
 * Anybody can put any number into the address that GitHub sends people back to. So GitHub is asked, as the app: it
 * tells an app of its own installations alone. Returns the app's id.
 */
export async function finishInstallation(
  ctx: TeamCtx,
  session: SessionCookie,
  { installationId, state }: { installationId: string; state: string },
): Promise<string> {
  const { app } = await ctx.transaction(async (tx) => {
    const { appId } = await claimStart(tx, session, state, true)
    return { app: await findApp(tx, appId ?? '') }
  })
  try {
    const installation = await confirmed(ctx, app, installationId)
    const id = await ctx.transaction((tx) => ensureInstallation(tx, app, installation))
    await refreshInstallation(ctx, id)
    return app.id
  } catch (error) {
    await ctx.transaction((tx) => giveBackStart(tx, state))
    throw error
  }
}

async function confirmed(ctx: TeamCtx, app: queries.App, number: string): Promise<Installation> {
  const answer = await askAsApp(ctx.services, app, githubAppApi.installation(number))
  const said = answer.status === 404 ? null : read(answer, Installation, 'the installation')
  if (said?.id !== number || said.app_id !== app.app_id)
    throw new UserError(
      403,
      `GitHub knows no such installation of ${app.name}`,
      'Begin again from the page of the app.',
    )
  return said
}

/** It may have come already: GitHub tells of it in a delivery too. Returns our id of it. */
export async function ensureInstallation(
  tx: TeamTx,
  app: Pick<queries.App, 'id' | 'name'>,
  { id: number, account, repository_selection: selection, suspended_at }: Installation,
): Promise<string> {
  const id = newId()
  const now = tx.ctx.now()
  const isNew = await queries.insertInstallation(tx, {
    ...{ id, team_id: tx.ctx.team.id, github_app_id: app.id, installation_id: number },
    ...{ account: account.login, selection, suspended_at: suspended_at ? new Date(suspended_at) : null },
    ...{ created_at: now, refresh_at: now },
  })
  if (isNew) {
    const subject = { kind: 'github-app', id: app.id }
    await append(tx, { type: 'github-app.installed', subject, data: { name: app.name, account: account.login } })
    return id
  }
  const known = await queries.maybeInstallationNumbered(tx, app.id, number)
  if (!known) throw notFound('installation of a GitHub App')
  return known.id
}
