import { ensureDeploy, newestBranchDeploy } from '../deploys/deploys.js'
import { newestCommit } from '../git/probe.js'
import { parseBranchName } from '../git/ref-name.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { explain } from '../platform/ssh/explain.js'
import { lockSite, maybeSiteById, openSource, recordSeen, updateSite } from '../sites/sites.js'
import * as queries from './queries.js'
import { isFrozen, reconcileAfterMs, reconcileEveryMs } from './rules.js'

export interface Due {
  readonly id: string
  readonly team_id: string
}

type Answer = { readonly newest: string } | { readonly why: string }

/** What repositories have said in this round. */
export type Answers = Map<string, { readonly answer: Promise<Answer>; readonly at: number }>

/** Sites that deploy by themselves and have not been asked after for five minutes. They are taken: nobody else asks now. */
export const takeDueSites = (services: Services, limit: number): Promise<Due[]> => {
  const now = services.clock()
  return services.db.asSystem((db) => queries.takeDue(db, now, new Date(now.getTime() + reconcileEveryMs), limit))
}

/**
 * Asks the repository for the newest commit of the site's branch, and deploys it when nothing told of it: a webhook may
 * have been lost, or there is none. What cannot be asked is written down for people, and asked again later.
 */
export async function reconcileSite(
  services: Services,
  due: Due,
  signal: AbortSignal,
  answers: Answers = new Map(),
): Promise<void> {
  const team = await services.db.asSystem((db) => maybeTeam(db, due.team_id))
  if (!team) return
  const ctx = TeamCtx.system(services, team)
  const site = await ctx.reading((tx) => maybeSiteById(tx, due.id))
  if (!site || isFrozen(site, ctx.now())) return
  const answer = await askOnce(ctx, site, signal, answers)
  // What was cut off by the end of the job says nothing about the repository.
  if (signal.aborted) return
  await ctx.transaction((tx) => ('why' in answer ? recordFault(tx, site, answer.why) : settle(tx, site, answer.newest)))
}

/** One team's sites on one server that are made of the same branch: what one was told is true of the others. */
async function askOnce(ctx: TeamCtx, site: SitesRow, signal: AbortSignal, answers: Answers): Promise<Answer> {
  const about = [site.team_id, site.server_id, site.repository_url, site.branch].join(' ')
  const { answer, at } = answers.get(about) ?? {}
  const told = at !== undefined && ctx.now().getTime() - at < sharedMs ? await answer : undefined
  // Another may have the credentials that this one lacks.
  if (told && 'newest' in told) return told
  const asked = ask(ctx, site, signal)
  answers.set(about, { answer: asked, at: ctx.now().getTime() })
  return asked
}

/** What is older may have been overtaken by a push. */
const sharedMs = 10_000

async function ask(ctx: TeamCtx, site: SitesRow, signal: AbortSignal): Promise<Answer> {
  try {
    const { host, source } = await openSource(ctx, site, signal)
    const newest = await newestCommit(host, { ...source, branch: parseBranchName(site.branch) }, { signal })
    return newest === null ? { why: `The repository has no branch ${site.branch}` } : { newest }
  } catch (error) {
    const { message, hint } = explain(error)
    return { why: [message, hint].filter(Boolean).join('. ') }
  }
}

/** Decided by what the row says now: a push may have come while we asked. */
async function settle(tx: TeamTx, asked: SitesRow, newest: string): Promise<void> {
  const site = await lockSite(tx, asked.id)
  if (!site?.auto_deploy || site.branch !== asked.branch || site.repository_url !== asked.repository_url) return
  if (site.reconcile_fault !== null) await updateSite(tx, site.id, { reconcile_failures: 0, reconcile_fault: null })
  if (site.seen_commit === newest || isFrozen(site, tx.ctx.now())) return
  const last = await newestBranchDeploy(tx, site.id)
  // It is still on its way to the newest commit.
  if (last && isOpen(last.status) && last.commit_sha === null) return
  if (last?.commit_sha !== newest)
    await ensureDeploy(tx, site.slug, { by: 'reconcile', unlessLeftOutSince: site.seen_commit })
  await recordSeen(tx, site.id, newest, true)
}

const isOpen = (status: string): boolean => status === 'queued' || status === 'running'

async function recordFault(tx: TeamTx, { id, reconcile_failures }: SitesRow, why: string): Promise<void> {
  const failures = reconcile_failures + 1
  await updateSite(tx, id, {
    reconcile_failures: failures,
    reconcile_fault: why.slice(0, 1000),
    reconcile_at: new Date(tx.ctx.now().getTime() + reconcileAfterMs(failures)),
  })
}
