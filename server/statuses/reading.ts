import { z } from 'zod'
import { gitHosts } from '../git/hosts/hosts.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { EventsRow } from '../platform/db/tables.js'
import type { EventReader } from '../platform/events/reader.js'
import { newId } from '../platform/ids.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { sendStatuses } from './jobs.js'
import * as queries from './queries.js'
import { type DeployEvent, foldedReports, type Report, reportsOf, type Told } from './rules.js'

type System = TransactionOf<'system'>

const Facts = z.object({
  deploy: z.number().int(),
  commit: z.string().nullish(),
  why: z.string().nullish(),
  folded: z.array(z.number().int()).nullish(),
})

/**
 * Turns what happens to deploys into what the hosts of their repositories are to be told, in the transaction that moves
 * on in the log: each event once. Sending is somebody else's work, so a host that is down holds up nothing.
 */
export function statusReader(services: Services): EventReader {
  return {
    name: 'commit-statuses',
    handle: async (event, db) => {
      const wrote = await handle(event, db, services.clock())
      if (wrote) ring(services)
    },
  }
}

/** A lost ring is not a lost status: the next round finds the row. */
function ring({ queue, log }: Services): void {
  queue.enqueue(sendStatuses, {}).catch((error) => log.warn({ err: error }, 'could not ring'))
}

async function handle(event: EventsRow, db: System, now: Date): Promise<boolean> {
  if (event.type === 'operation.cancel-requested') return handleCancelled(event, db, now)
  if (event.type === 'site.removed') return handleRemoved(event, db, now)
  const { data: facts } = Facts.safeParse(event.data)
  if (!facts || !event.type.startsWith('deploy.') || !event.subject_id) return false
  const folded = facts.folded ?? []
  const of = { team_id: event.team_id, site_id: event.subject_id }
  const deploys = await queries.deploysNumbered(db, of, [facts.deploy, ...folded])
  const deploy = deploys.find(({ number }) => number === facts.deploy)
  if (!deploy) return false
  const about = { type: event.type, deploy: deploy.number, commit: facts.commit ?? null, why: facts.why ?? null }
  return inEach(db, deploy, async (connection) => {
    const writer = { db, event, now, connection }
    for (const older of deploys.filter(({ number }) => folded.includes(number)))
      await write(writer, older, foldedReports(deploy.number, (await told(db, connection.id, older)).open))
    await writeReports(writer, deploy, about)
  })
}

/** One that was cancelled while it waited has no other event of its own. */
async function handleCancelled(event: EventsRow, db: System, now: Date): Promise<boolean> {
  if (!event.subject_id) return false
  const of = { team_id: event.team_id, operation_id: event.subject_id }
  const deploy = await queries.maybeNeverBegun(db, of)
  if (!deploy) return false
  const about = { type: 'deploy.cancelled', deploy: deploy.number, commit: null, why: deploy.message }
  return inEach(db, deploy, (connection) => writeReports({ db, event, now, connection }, deploy, about))
}

const Removed = z.object({
  slug: z.string(),
  repository: z.string(),
  lastLive: z.object({ id: z.uuid(), commit: z.string() }).nullish(),
})

/**
 * Its rows are gone, so the event and what was told before say what has to be known. Deploys that it cut short end with
 * it; only what was live is shown as being there.
 */
async function handleRemoved(event: EventsRow, db: System, now: Date): Promise<boolean> {
  const { data: gone } = Removed.safeParse(event.data)
  const team = gone && (await maybeTeam(db, event.team_id))
  if (!gone || !team || !event.subject_id) return false
  const site = { team_id: event.team_id, site_id: event.subject_id }
  const about = (id: string) => ({ ...site, id, team_slug: team.slug, site_slug: gone.slug })
  const say = (commit: string, state: Report['state']) => [{ commit, state, description: 'The site was deleted' }]

  const open = await queries.openOfSite(db, site)
  for (const { deploy_id, commit_sha, ...connection } of open)
    await write({ db, event, now, connection }, about(deploy_id), say(commit_sha, 'cancelled'))
  const { lastLive, repository: repository_key } = gone
  const isShown = await inEach(db, { ...site, repository_key }, async (connection) => {
    if (lastLive) await write({ db, event, now, connection }, about(lastLive.id), say(lastLive.commit, 'removed'))
  })
  return isShown || open.length > 0
}

interface Writer {
  readonly db: System
  readonly event: EventsRow
  readonly now: Date
  readonly connection: queries.Connection
}

async function inEach(
  db: System,
  { team_id, repository_key }: Pick<queries.EventDeploy, 'team_id' | 'repository_key'>,
  work: (connection: queries.Connection) => Promise<void>,
): Promise<boolean> {
  if (repository_key === '') return false
  const connections = await queries.speakingConnections(db, { team_id, repository_key })
  for (const connection of connections) await work(connection)
  return connections.length > 0
}

async function writeReports(writer: Writer, deploy: queries.EventDeploy, about: DeployEvent): Promise<void> {
  await write(writer, deploy, reportsOf(about, await told(writer.db, writer.connection.id, deploy)))
}

async function told(db: System, connectionId: string, deploy: queries.EventDeploy): Promise<Told> {
  const rows = (await queries.toldOf(db, connectionId, deploy.id)).filter(({ kind }) => kind === 'status')
  return {
    all: rows.map((row) => row.commit_sha),
    open: rows.filter(({ state }) => state === 'queued' || state === 'running').map((row) => row.commit_sha),
    asked: deploy.commit_sha ?? (await queries.commitOfPush(db, deploy.id)),
  }
}

async function write(
  { db, event, now, connection }: Writer,
  deploy: Pick<queries.EventDeploy, 'id' | 'team_id' | 'site_id' | 'team_slug' | 'site_slug'>,
  reports: readonly Report[],
): Promise<void> {
  for (const report of reports) {
    for (const kind of kindsOf(connection, report))
      await queries.insertStatus(db, {
        ...{ id: newId(), team_id: deploy.team_id, connection_id: connection.id, site_id: deploy.site_id },
        ...{ deploy_id: deploy.id, event_id: event.id, sequence: event.sequence, kind },
        ...{ commit_sha: report.commit, state: report.state, description: report.description },
        context: `hostler/${deploy.team_slug}/${deploy.site_slug}`,
        ...{ created_at: now, attempt_at: now },
      })
  }
}

/** A deployment exists from the moment that its commit is certain. */
function kindsOf({ host }: queries.Connection, { state }: Report): readonly ('status' | 'deployment')[] {
  const isDeployment = gitHosts[host].api.deployments && afterQueue.includes(state)
  return [...(state === 'removed' ? [] : (['status'] as const)), ...(isDeployment ? (['deployment'] as const) : [])]
}

const afterQueue: readonly Report['state'][] = ['running', 'live', 'failed', 'cancelled', 'removed']
