import { hearOfInstallation } from '../connections/connections.js'
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
import { type Scope, scopeOf } from './scope.js'

/** More than this waits for the next turn: in number, and in bytes that are read. */
const mostTogether = 500
const mostBytesTogether = 32 * 1024 * 1024

/** So long is one let alone that cannot be decided on yet, and one that cannot be decided on for a fault of ours. */
const notYetMs = 10_000
const brokenMs = 60_000

/**
 * Decides on the deliveries of one connection, or of one app, that wait and that nobody else decides on, in one transaction: either each
 * site has its verdicts, and its deploy, or they wait as before. When that fails, each is tried alone, so that one that
 * cannot be decided on keeps no other waiting. Returns how many were looked at.
 */
export async function judgeWaiting(services: Services, waiting: queries.Waiting): Promise<number> {
  const team = await services.db.asSystem((db) => maybeTeam(db, waiting.team_id))
  if (!team) return 0
  const ctx = TeamCtx.system(services, team)
  const { connection_id, github_app_id } = waiting
  const signer = { connection_id, github_app_id }
  const together = ctx.transaction(async (tx) => {
    const ids = await queries.claimDeliveries(tx, signer, { most: mostTogether, except: [] })
    return ids.length > 0 ? judgeTogether(tx, signer, ids) : 0
  })
  return together.catch(() => alone(ctx, signer))
}

async function alone(ctx: TeamCtx, signer: queries.Signer): Promise<number> {
  const tried: string[] = []
  for (;;) {
    const before = tried.length
    await judgeNext(ctx, signer, tried).catch(async (error) => {
      const id = tried[before]
      // It is the database that failed, and not one of them.
      if (id === undefined) throw error
      ctx.services.log.error({ err: error, delivery: id }, 'could not decide on a delivery')
      await ctx.transaction((tx) => queries.postponeDelivery(tx, id, new Date(ctx.now().getTime() + brokenMs)))
    })
    if (tried.length === before) return tried.length
  }
}

/** The oldest that was not tried; `tried` grows by it. */
const judgeNext = (ctx: TeamCtx, signer: queries.Signer, tried: string[]): Promise<void> =>
  ctx.transaction(async (tx) => {
    const [id] = await queries.claimDeliveries(tx, signer, { most: 1, except: tried })
    if (id === undefined) return
    tried.push(id)
    await judgeTogether(tx, signer, [id])
  })

/** The oldest first. What has deployed a site before does not deploy it again. Returns how many were looked at. */
export async function judgeTogether(tx: TeamTx, signer: queries.Signer, ids: readonly string[]): Promise<number> {
  const scope = await scopeOf(tx, signer)
  const told: Told[] = []
  let looked = 0
  let bytes = 0
  for (const id of ids) {
    const read = await readDelivery(tx, id, scope)
    if (read.told) told.push(read.told)
    looked++
    bytes += read.bytes
    if (bytes > mostBytesTogether) break
  }
  // One order of repositories, as there is one of the sites of each: whoever locks several never waits in a circle.
  for (const key of [...new Set(told.map((one) => one.key))].sort())
    await judgeSites(
      tx,
      key,
      told.filter((one) => one.key === key),
    )
  return looked
}

async function judgeSites(tx: TeamTx, key: string, told: readonly Told[]): Promise<void> {
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

/** What a delivery says of one repository. */
interface Told {
  readonly id: string
  readonly key: string
  readonly event: Judged
}

/** Writes down what the delivery says. It counts unless it is about a repository that its secret does not speak for. */
async function readDelivery(tx: TeamTx, id: string, scope: Scope): Promise<{ told: Told | null; bytes: number }> {
  const delivery = await queries.maybeWhole(tx, id)
  if (!delivery) return { told: null, bytes: 0 }
  const event = readEvent(delivery)
  const isJudged = event.kind === 'push' || event.kind === 'pull-request'
  const told = isJudged ? await readJudged(tx, delivery, event, scope) : await readOther(tx, delivery, event)
  return { told, bytes: delivery.body.length }
}

async function readJudged(
  tx: TeamTx,
  { id, received_at }: queries.WholeDelivery,
  event: Judged,
  scope: Scope,
): Promise<Told | null> {
  const { repositoryKeys, installation, ...news } = newsOf(event)
  const key = await scope({ repositoryKeys, installation }, received_at)
  if (key === 'not-yet') {
    await queries.postponeDelivery(tx, id, new Date(tx.ctx.now().getTime() + notYetMs))
    return null
  }
  await queries.setOutcome(tx, id, {
    ...{ outcome: key === null ? 'other-repository' : 'judged', why: null, ...news },
    repository_key: key ?? repositoryKeys[0]?.slice(0, 1000) ?? null,
  })
  return key === null ? null : { id, key, event }
}

async function readOther(
  tx: TeamTx,
  delivery: queries.WholeDelivery,
  event: Exclude<HookEvent, Judged>,
): Promise<null> {
  const isOfApp = delivery.github_app_id !== null
  if (event.kind === 'installation' && isOfApp)
    await hearOfInstallation(tx, delivery.github_app_id ?? '', event.installation)
  // Only GitHub itself tells of installations, with the secret of the app.
  const outcome = event.kind === 'installation' && !isOfApp ? 'not-used' : event.kind
  await queries.setOutcome(tx, delivery.id, { outcome, why: event.kind === 'unreadable' ? event.why : null })
  return null
}

/** Which repository it is about, and what the inbox shows of it. */
function newsOf(event: Judged) {
  if (event.kind === 'push') {
    const { repositoryKeys, installation, branch, commit, subject, pusher } = event.push
    const shown = { branch: branch?.slice(0, 300) ?? null, commit_sha: commit, commit_subject: subject, pusher }
    return { repositoryKeys, installation, ...shown }
  }
  const { repositoryKeys, installation, headBranch, commit, number, title, author } = event.pullRequest
  const commit_subject = `#${number} ${title}`.slice(0, 300)
  return { repositoryKeys, installation, branch: headBranch, commit_sha: commit, commit_subject, pusher: author }
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
