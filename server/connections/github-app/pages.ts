import type { TeamCtx } from '../../platform/access/ctx.js'
import { isPrivateName } from '../rules.js'
import { findApp } from './creating.js'
import * as queries from './queries.js'

export const appView = (row: queries.App) => ({
  id: row.id,
  name: row.name,
  owner: row.owner,
  webUrl: row.web_url,
  pageUrl: row.page_url,
  host: row.host,
  createdBy: row.created_by,
  createdAt: row.created_at,
  lastDeliveryAt: row.last_delivery_at,
})

const installationView = (row: queries.ShownInstallation) => ({
  id: row.id,
  account: row.account,
  selection: row.selection,
  repositories: row.repositories,
  suspendedAt: row.suspended_at,
  refreshedAt: row.refreshed_at,
  fault: row.refresh_fault,
})

export const appPage = (ctx: TeamCtx, id: string) =>
  ctx.reading(async (tx) => ({
    app: appView(await findApp(tx, id)),
    installations: (await queries.installationsOf(tx, id)).map(installationView),
    ...reach(ctx),
  }))

export const newAppPage = (ctx: TeamCtx) => reach(ctx)

/** GitHub makes no app whose webhook leads to an address that it cannot reach. */
const reach = ({ services: { config } }: TeamCtx) => ({
  unreachable: isPrivateName(config.baseUrl.hostname) ? config.baseUrl.origin : null,
})
