import { type DeployStatus, statusOf } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { OperationsRow } from '../platform/db/tables.js'
import { openOperations } from '../platform/operations/queries.js'
import * as queries from './queries.js'
import { type Attention, aboutDisk, aboutServer, aboutSite, type FirstStep, firstSteps } from './rules.js'

/** The first page: is it all right, what happens now, what happened last. */
export interface Home {
  attention: Attention[]
  /** How many more there are than are shown. */
  moreAttention: number
  operations: OperationsRow[]
  deploys: ShownDeploy[]
  /** Null once the team has begun. */
  firstSteps: FirstStep[] | null
}

export type ShownDeploy = Omit<queries.RecentDeploy, 'status'> & { status: DeployStatus; duration_ms: number | null }

const shownAttention = 5
const shownDeploys = 8
const shownOperations = 8
/** Readings come every minute; older ones say nothing about now. */
const freshReadingMs = 5 * 60_000

/** One transaction. Who may see no sites and no servers gets an empty page, not a closed door: it is where people land. */
export const homePage = (ctx: TeamCtx): Promise<Home> =>
  ctx.may('site:read') && ctx.may('server:read')
    ? ctx.transaction(async (tx) => {
        // Asked together, they travel together.
        const [needs, operations, deploys, beginnings] = await Promise.all([
          attention(tx),
          openOperations(tx, shownOperations),
          queries.recentDeploys(tx, shownDeploys),
          queries.beginnings(tx),
        ])
        return { ...needs, operations, deploys: deploys.map(shown), firstSteps: firstSteps(beginnings) }
      })
    : Promise.resolve({ attention: [], moreAttention: 0, operations: [], deploys: [], firstSteps: null })

/** The worst first: machines, then sites, then disks. */
async function attention(tx: TeamTx): Promise<Pick<Home, 'attention' | 'moreAttention'>> {
  const since = new Date(tx.ctx.now().getTime() - freshReadingMs)
  const [servers, sites, disks] = await Promise.all([
    queries.troubledServers(tx, shownAttention),
    queries.failingSites(tx, shownAttention),
    queries.fullDisks(tx, since, shownAttention),
  ])

  const all = [...servers.map(aboutServer), ...sites.map(aboutSite), ...disks.map(aboutDisk)]
  const total = [servers, sites, disks].reduce((sum, rows) => sum + (rows[0]?.total ?? 0), 0)
  return { attention: all, moreAttention: total - all.length }
}

const shown = (deploy: queries.RecentDeploy): ShownDeploy => ({
  ...deploy,
  status: statusOf(deploy, deploy.live_release_id),
  duration_ms: deploy.started_at && deploy.ended_at && deploy.ended_at.getTime() - deploy.started_at.getTime(),
})
