import { gitHosts } from '../git/hosts/hosts.js'
import { pathOf } from '../git/repository-key.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { Connected } from './connections.js'
import { appView } from './github-app/pages.js'
import { appsOf } from './github-app/queries.js'
import * as queries from './queries.js'
import { isPrivateName } from './rules.js'
import { apiBase } from './speaking.js'

export const connectionView = (ctx: TeamCtx, row: queries.Connection) => ({
  id: row.id,
  host: row.host,
  hostLabel: gitHosts[row.host].label,
  repository: row.repository_key,
  webhookUrl: new URL(gitHosts[row.host].path, ctx.services.config.baseUrl).href,
  createdBy: row.created_by,
  createdAt: row.created_at,
  lastDeliveryAt: row.last_delivery_at,
  hasToken: row.token_at !== null || row.github_app_id !== null,
  hasWebhook: row.has_secret,
  hasSigningToken: row.has_signing_token,
  appId: row.github_app_id,
  offersRepositories: row.offers_repositories,
  apiUrl: apiBase(row),
  statusesFault: row.statuses_fault,
  statusesSentAt: row.statuses_sent_at,
})

export const connectionsPage = (ctx: TeamCtx) =>
  ctx.reading(async (tx) => ({
    apps: (await appsOf(tx)).map(appView),
    connections: (await queries.connectionsOf(tx)).map((row) => connectionView(ctx, row)),
    hosts: [
      { value: '', label: 'As its address says' },
      ...Object.entries(gitHosts).map(([value, { label }]) => ({ value, label })),
    ],
  }))

/** How a webhook is made there, field by field. */
export const connectionPage = (ctx: TeamCtx, row: queries.Connection) => {
  const connection = connectionView(ctx, row)
  const { steps, settings, signingToken } = gitHosts[row.host]
  const { baseUrl } = ctx.services.config
  return {
    connection,
    token: tokenView(row),
    steps: steps(connection.webhookUrl, row.has_signing_token),
    takesSigningToken: signingToken !== undefined && row.has_secret,
    settingsUrl: `${row.web_origin}/${pathOf(row.repository_key)}${settings}`,
    unreachable: isPrivateName(baseUrl.hostname) ? baseUrl.origin : null,
  }
}

/** Which token the host wants, and of the one that is there all that may be seen: that it is there. */
const tokenView = (row: queries.Connection) => {
  const { token, repositories } = gitHosts[row.host].api
  const { kind, rights, path } = token
  return {
    ...{ kind, rights, listing: repositories?.right, url: `${row.web_origin}${path}` },
    ...{ by: row.token_by, at: row.token_at, ownApiUrl: row.api_url ?? '', faultAt: row.statuses_fault_at },
  }
}

/** The same right after the secret was made: the only time that it is shown. */
export const connectedPage = (ctx: TeamCtx, { connection, secret }: Connected) => ({
  ...connectionPage(ctx, connection),
  secret: secret.reveal(),
})
