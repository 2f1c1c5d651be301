import { latestEvents, type ShownEvent } from '../activity/activity.js'
import { type DeployStatus, statusOf } from '../deploys/deploys.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { Permission } from '../platform/access/permissions.js'
import * as queries from './queries.js'
import { type Attention, aboutDisk, aboutServer, aboutSite, type FirstStep, firstSteps } from './rules.js'

/** The first page: is it all right, what happens now, what happened last. */
export interface Home {
  attention: Attention[]
  /** How many more there are than are shown. */
  moreAttention: number
  /** Of what this person would be told: nobody is told that all is well with what they do not see. */
  watched: readonly ('servers' | 'deploys')[]
  operations: queries.OpenOperation[]
  deploys: ShownDeploy[]
  /** What happened last, in words. */
  events: ShownEvent[]
  /** Null once the team has begun. */
  firstSteps: FirstStep[] | null
}

export type ShownDeploy = Omit<queries.RecentDeploy, 'status'> & { status: DeployStatus; duration_ms: number | null }

/** Readings come every minute; older ones say nothing about now. */
const freshReadingMs = 5 * 60_000

/** Who may see no sites and no servers gets an empty page, not a closed door: it is where people land. */
export async function homePage(ctx: TeamCtx): Promise<Home> {
  if (!ctx.maySomewhere('site:read') && !ctx.maySomewhere('server:read')) return emptyHome
  const readSince = new Date(ctx.now().getTime() - freshReadingMs)
  const rows = await ctx.reading((tx) => queries.homeRows(tx, readSince))
  // Who holds it in the whole team is shown what is there; everybody else what is of the sites on which they hold it.
  const where = (permission: Permission) =>
    ctx.may(permission) ? rows : ctx.reading((tx) => queries.homeRows(tx, readSince), permission)
  const { failingSites, recentDeploys } = await where('deploy:read')
  return {
    ...attention({ ...rows, failingSites }),
    watched: [
      ...(ctx.maySomewhere('server:read') ? (['servers'] as const) : []),
      ...(ctx.maySomewhere('deploy:read') ? (['deploys'] as const) : []),
    ],
    operations: (await where('operation:read')).openOperations,
    deploys: recentDeploys.map(shown),
    events: await latestEvents(ctx, 6),
    firstSteps: ctx.seesWholeTeam() ? firstSteps(rows.beginnings) : null,
  }
}

const emptyHome: Home = {
  attention: [],
  moreAttention: 0,
  watched: [],
  operations: [],
  deploys: [],
  events: [],
  firstSteps: null,
}

/** The worst first: machines, then sites, then disks. */
function attention({
  troubledServers,
  failingSites,
  fullDisks,
}: Pick<queries.HomeRows, 'troubledServers' | 'failingSites' | 'fullDisks'>) {
  const all = [...troubledServers.map(aboutServer), ...failingSites.map(aboutSite), ...fullDisks.map(aboutDisk)]
  const total = [troubledServers, failingSites, fullDisks].reduce((sum, rows) => sum + (rows[0]?.total ?? 0), 0)
  return { attention: all, moreAttention: total - all.length }
}

const shown = (deploy: queries.RecentDeploy): ShownDeploy => ({
  ...deploy,
  status: statusOf(deploy, deploy.live_release_id),
  duration_ms: deploy.started_at && deploy.ended_at && deploy.ended_at.getTime() - deploy.started_at.getTime(),
})
