import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { deployOperation } from '../../server/deploys/deploy-operation.js'
import { placeOf } from '../../server/deploys/places.js'
import type { DeployWithOperation } from '../../server/deploys/queries.js'
import type { SitePlace } from '../../server/deploys/runtimes/runtime.js'
import { sweep } from '../../server/platform/operations/sweep.js'
import type { TestFiles } from './git-repository.js'
import { eventually } from './sites.js'
import { type Stage, startStage } from './stage.js'
import { startVisitors, type Visitors, visitedApp } from './visitors.js'
import { startWorker, type WorkerProcess } from './worker-process.js'

/** A site that is live and visited all the time, and workers of its own that things may be done to. */
export interface FaultStage extends Stage {
  place: SitePlace
  visitors: Visitors
  worker(settings?: Record<string, string>): Promise<WorkerProcess>
  /** Until that step of the deploy runs, also for the second time, in the hands of another worker. */
  reach(deploy: DeployWithOperation, step: StepName): Promise<void>
  /** As if the time of a lease had passed since the worker of this deploy was last heard, and a live one had looked. */
  lose(deploy: DeployWithOperation): Promise<void>
  ended(deploy: DeployWithOperation): Promise<DeployWithOperation>
  /** A commit with these files, deployed to its end. */
  push(files: TestFiles): Promise<DeployWithOperation>
  /** Changes the site's row, as its settings page does. */
  set(column: string, value: unknown): Promise<void>
}

export type StepName = (typeof deployOperation.steps)[number]['name']
export const stepNames: readonly StepName[] = deployOperation.steps.map((step) => step.name)

/** Other tests share the machine. */
const patienceMs = 45_000

/** The first release, "one", is live when it returns. */
export async function startFaultStage(
  values: Record<string, unknown> = {},
  { beforeFirst }: { beforeFirst?: (place: SitePlace) => void } = {},
): Promise<FaultStage> {
  const stage = await startStage(values, visitedApp('one'))
  beforeFirst?.(placeOf(stage.site, stage.host.root))
  const first = await stage.deploy()
  if (first.status !== 'succeeded') {
    const log = await stage.log(first)
    await stage.stop()
    throw new Error(`${first.message}\n${log.join('\n')}`)
  }
  const workers: WorkerProcess[] = []
  const visitors = startVisitors(stage.site.port)

  // Each write gives a row another xmin: with it, a step that a second worker runs is told from what the first one left.
  const met = new Set<string>()
  const stepOf = async ({ operation_id }: DeployWithOperation, name: string) =>
    (
      await stage.test.database.query<{ state: string; version: string }>(
        'select state, xmin::text as version from operation_steps where operation_id = $1 and name = $2',
        [operation_id, name],
      )
    )[0]

  const stand = async ({ operation_id }: DeployWithOperation) =>
    JSON.stringify(
      await stage.test.database.query(
        `select o.status, o.claims, clock_timestamp() - o.heartbeat_at as silence, s.name, s.state
         from operations o left join operation_steps s on s.operation_id = o.id and s.state = 'running' where o.id = $1`,
        [operation_id],
      ),
    )
  const ended = async (deploy: DeployWithOperation) => {
    try {
      return await eventually(
        `deploy ${deploy.number} ends`,
        async () => {
          const now = await stage.find(deploy.number)
          return now.status !== 'queued' && now.status !== 'running' && now
        },
        patienceMs,
      )
    } catch (error) {
      throw new Error(`${String(error)} ${await stand(deploy)} ${(await stage.log(deploy)).slice(-5).join('\n')}`)
    }
  }

  return {
    ...stage,
    visitors,
    ended,
    push: async (files) => {
      await stage.repository.commit({ files })
      return ended(await stage.request())
    },
    set: async (column, value) =>
      void (await stage.test.database.query(`update sites set ${column} = $1 where id = $2`, [value, stage.site.id])),
    place: placeOf(stage.site, stage.host.root),
    worker: async (settings) => {
      const worker = await startWorker(stage.test, settings)
      workers.push(worker)
      return worker
    },
    reach: (deploy, name) =>
      eventually(
        `“${name}” runs`,
        async () => {
          const { state, version = '' } = (await stepOf(deploy, name)) ?? {}
          if (state === 'waiting' || met.has(version)) return false
          met.add(version)
          if (state === 'running') return true
          throw new Error(`“${name}” is ${state}: ${(await stage.log(deploy)).join('\n')}`)
        },
        patienceMs,
      ).then(() => undefined),
    lose: async ({ operation_id }) => {
      await stage.test.database.query("update operations set heartbeat_at = 'epoch' where id = $1", [operation_id])
      await sweep(stage.test.services)
    },
    stop: async () => {
      await visitors.stop()
      for (const worker of workers) await worker.kill()
      await stage.stop()
    },
  }
}

/** Nobody noticed: each visitor got whole answers, and these releases in this order. */
export function expectServed(visitors: Visitors, ...words: string[]): void {
  expect(visitors.failures).toEqual([])
  for (const path of visitors.paths) expect(path).toEqual(words)
}

/** What a person reads says what happened and what to do now. */
export function expectSentence({ message, hint }: Pick<DeployWithOperation, 'message' | 'hint'>): void {
  for (const text of [message, hint]) {
    expect(text).toMatch(/^\S.{8,}/s)
    expect(text).not.toMatch(/Something went wrong|undefined|\[object|null|Error:|\n\s+at /)
  }
}

/** One instance runs, and nothing else of the site does; the disk holds the kept releases and nothing besides. */
export async function expectNothingLeft(stage: FaultStage): Promise<void> {
  const { query } = stage.test.database
  const instances = await query<{ state: string; port: number; number: number }>(
    `select i.state, i.port, r.number from instances i join releases r on r.id = i.release_id
     join sites s on s.live_release_id = r.id where i.site_id = $1 and i.state <> 'retired'`,
    [stage.site.id],
  )
  expect(instances).toEqual([expect.objectContaining({ state: 'live' })])
  const others = await query("select id from instances where site_id = $1 and state in ('starting', 'draining')", [
    stage.site.id,
  ])
  expect(others).toEqual([])
  const kept = await query<{ number: number }>(
    "select number from releases where site_id = $1 and state in ('live', 'kept') order by number",
    [stage.site.id],
  )
  const [live] = instances

  expect((await list(stage, 'releases')).map(Number).toSorted((a, b) => a - b)).toEqual(
    kept.map(({ number }) => number),
  )
  expect(await list(stage, 'instances')).toEqual([`${live?.number}-${live?.port}`])
  for (const folder of ['builds', 'sources', 'repository/secrets']) expect(await list(stage, folder)).toEqual([])
  expect(processesBesides(stage.place, `${stage.place.folder}/instances/${live?.number}-${live?.port}`)).toEqual([])
}

const list = async (stage: FaultStage, folder: string): Promise<string[]> =>
  execFileSync('sh', ['-c', 'ls -A "$1" 2>/dev/null || true', 'ls', `${stage.place.folder}/${folder}`], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean)

/** Of the site's user or about the site's folder, but for the live instance and its supervisor. */
function processesBesides(place: SitePlace, instance: string): string[] {
  const rows = execFileSync('ps', ['-eo', 'user:32,sid,stat,args'], { encoding: 'utf8' }).split('\n')
  const own = rows.filter((row) => row.startsWith(place.user) && !/^\S+\s+\d+\s+Z/.test(row))
  const sessions = new Set(own.map((row) => row.split(/\s+/)[1]))
  const about = rows.filter((row) => row.includes(place.folder) && !row.includes(`runsv ${instance}`))
  return sessions.size > 1 ? own : about.filter((row) => !own.includes(row))
}
