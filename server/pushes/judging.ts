import { connectionKey } from '../connections/connections.js'
import type { HookEvent } from '../git/hosts/host.js'
import { gitHosts } from '../git/hosts/hosts.js'
import { payloadText } from '../git/hosts/payload.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { lockSitesOf } from '../sites/sites.js'
import { judgePreviews } from './judge-previews.js'
import { judgeSite } from './judge-site.js'
import * as queries from './queries.js'

/** More than this waits for the next turn. */
const mostTogether = 500

/**
 * Decides on the deliveries of one connection that wait and that nobody else decides on, in one transaction: either each
 * site has its verdicts, and its deploy, or they wait as before. When that fails, each is tried alone, so that one that
 * cannot be decided on keeps no other waiting. Returns how many were decided on.
 */
export async function judgeWaiting(services: Services, waiting: queries.Waiting): Promise<number> {
  const team = await services.db.asSystem((db) => maybeTeam(db, waiting.team_id))
  if (!team) return 0
  const ctx = TeamCtx.system(services, team)
  const together = ctx.transaction(async (tx) => {
    const ids = await queries.claimDeliveries(tx, waiting.connection_id, { most: mostTogether, except: [] })
    if (ids.length > 0) await judgeTogether(tx, waiting.connection_id, ids)
    return ids.length
  })
  return together.catch(() => alone(ctx, waiting))
}

async function alone(ctx: TeamCtx, waiting: queries.Waiting): Promise<number> {
  const tried: string[] = []
  let judged = 0
  for (;;) {
    const before = tried.length
    const isDone = await judgeNext(ctx, waiting.connection_id, tried).catch((error) => {
      // It is the database that failed, and not one of them.
      if (tried.length === before) throw error
      ctx.services.log.error({ err: error, delivery: tried.at(-1) }, 'could not decide on a delivery')
      return false
    })
    if (tried.length === before) return judged
    if (isDone) judged++
  }
}

/** The oldest that was not tried; `tried` grows by it. */
const judgeNext = (ctx: TeamCtx, connectionId: string, tried: string[]): Promise<boolean> =>
  ctx.transaction(async (tx) => {
    const [id] = await queries.claimDeliveries(tx, connectionId, { most: 1, except: tried })
    if (id === undefined) return false
    tried.push(id)
    await judgeTogether(tx, connectionId, [id])
    return true
  })

/** The oldest first. What has deployed a site before does not deploy it again. */
export async function judgeTogether(tx: TeamTx, connectionId: string, ids: readonly string[]): Promise<void> {
  const key = await connectionKey(tx, connectionId)
  const told: Told[] = []
  for (const id of ids) {
    const event = await readDelivery(tx, id, key)
    if (event) told.push({ id, event })
  }
  if (told.length === 0) return
  const pushes = told.flatMap(({ id, event }) => (event.kind === 'push' ? [{ id, push: event.push }] : []))
  const pullRequests = told.flatMap(({ id, event }) =>
    event.kind === 'pull-request' ? [{ id, pullRequest: event.pullRequest }] : [],
  )
  const decided = await queries.decided(
    tx,
    pushes.map(({ id }) => id),
  )
  for (const site of await lockSitesOf(tx, key)) {
    const open = pushes.filter(({ id }) => !decided.has(`${id} ${site.id}`))
    if (open.length > 0) await queries.putVerdicts(tx, await judgeSite(tx, site, open))
    if (pullRequests.length > 0) await queries.putVerdicts(tx, await judgePreviews(tx, site, pullRequests))
  }
}

type Judged = HookEvent & { kind: 'push' | 'pull-request' }

interface Told {
  readonly id: string
  readonly event: Judged
}

/** Writes down what the delivery says. It is returned where there is something to judge in a repository that its secret speaks for. */
async function readDelivery(tx: TeamTx, id: string, key: string): Promise<Judged | null> {
  const delivery = await queries.maybeWhole(tx, id)
  if (!delivery) return null
  const event = readEvent(delivery)
  if (event.kind !== 'push' && event.kind !== 'pull-request') {
    await queries.setOutcome(tx, id, { outcome: event.kind, why: event.kind === 'unreadable' ? event.why : null })
    return null
  }
  const { repositoryKeys, ...news } = newsOf(event)
  const isOurs = repositoryKeys.includes(key)
  await queries.setOutcome(tx, id, { outcome: isOurs ? 'judged' : 'other-repository', why: null, ...news })
  return isOurs ? event : null
}

/** What the inbox shows of it. */
function newsOf(event: Judged) {
  if (event.kind === 'push') {
    const { repositoryKeys, branch, commit, subject, pusher } = event.push
    return {
      repositoryKeys,
      branch: branch?.slice(0, 300) ?? null,
      commit_sha: commit,
      commit_subject: subject,
      pusher,
    }
  }
  const { repositoryKeys, headBranch, commit, number, title, author } = event.pullRequest
  const commit_subject = `#${number} ${title}`.slice(0, 300)
  return { repositoryKeys, branch: headBranch, commit_sha: commit, commit_subject, pusher: author }
}

function readEvent({ host, event, headers, body }: queries.WholeDelivery): HookEvent {
  const contentType = (headers as Record<string, string>)['content-type'] // `as`: written by us
  try {
    return gitHosts[host].read(event, JSON.parse(storable(payloadText(body, contentType))))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { kind: 'unreadable', why: 'It is not JSON' }
  }
}

/** PostgreSQL keeps no NUL in a text, and none of these texts needs one. */
const storable = (json: string): string => json.replaceAll('\\u0000', '\\ufffd')
