import type { DeployParts } from '../../jobs/deploys/context.js'
import { deployHandler } from '../../jobs/deploys/deploy.js'
import { findDeploy, requestDeploy, requestRollback } from '../../server/deploys/deploys.js'
import { placeOf } from '../../server/deploys/places.js'
import type { DeployWithOperation } from '../../server/deploys/queries.js'
import { makeRuntimes } from '../../server/deploys/runtimes/runtimes.js'
import { stopRelay } from '../../server/domains/edges/direct/relay-process.js'
import { edges } from '../../server/domains/edges/edges.js'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import type { TestFiles, TestRepository } from './git-repository.js'
import { type GitServer, startGitServer } from './git-server.js'
import { makeServer, makeSite } from './make.js'
import { freePort } from './ports.js'
import { type TestServices, testServices } from './services.js'
import { localServer } from './sites.js'
import type { Sshd } from './sshd.js'

/** Everything a deploy needs, real: a database, a Git server, this machine as the server, a runtime and an edge. */
export interface Stage {
  test: TestServices
  ctx: TeamCtx
  git: GitServer
  repository: TestRepository
  site: { id: string; slug: string; port: number }
  parts: DeployParts
  host: Host
  server: { id: string }
  /** Asks for a deploy and runs it to its end, in this process. */
  deploy(options?: { stopping?: AbortSignal }): Promise<DeployWithOperation>
  rollBack(release: number): Promise<DeployWithOperation>
  request(): Promise<DeployWithOperation>
  runOperation(id: string, stopping?: AbortSignal): Promise<void>
  find(number: number): Promise<DeployWithOperation>
  /** What a visitor gets. */
  visit(path?: string): Promise<{ status: number; text: string }>
  log(deploy: DeployWithOperation): Promise<string[]>
  stop(): Promise<void>
}

/** An app that tells its release, is never healthy at one address, and dies, hangs or refuses when a file in its repository says so. */
export const app = (word: string, extra = ''): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'app', engines: { node: '22.23.0' }, scripts: { start: 'node server.js' } }),
  'server.js': `
    const http = require('node:http')
    http.createServer((request, response) => {
      let size = 0
      if (request.url === '/never') response.statusCode = 503
      request.on('data', (chunk) => { size += chunk.length })
      request.on('end', () => response.end(${JSON.stringify(word)} + ' ' + request.method + ' ' + size + ' ' + (process.env.GREETING ?? '')))
    }).listen(process.env.PORT, process.env.HOST)
    ${extra}
  `,
})

/** @param sshd reaches the machine through it; without one, directly */
export async function startStage(
  values: Record<string, unknown> = {},
  files: TestFiles = app('one'),
  sshd?: Sshd,
): Promise<Stage> {
  const machine = localServer()
  const test = await testServices({
    hosts: createHosts(async () => {
      const { root } = machine.host
      return sshd ? { ...sshd, kind: 'ssh', name: 'web-1', root } : { kind: 'local', name: 'this machine', root }
    }),
  })
  const git = await startGitServer()
  Object.assign(test.services, { config: { ...test.services.config, gitProtocols: git.protocols } })
  const repository = await git.makeRepository({ files, isPublic: true })
  const server = await makeServer(test.database, test.team, {
    root: machine.host.root,
    edge: values.edge ?? 'direct',
  })
  const port = await freePort()
  const site = {
    ...(await makeSite(test.database, server, test.team, {
      port,
      repository_url: repository.httpUrl,
      start_command: 'node server.js',
      // Half of a deploy's time would be spent waiting; what is about the watch sets it.
      watch_seconds: 0,
      drain_seconds: 0,
      health_deadline_seconds: 8,
      ...values,
    })),
    port,
  }
  const parts: DeployParts = {
    runtimes: makeRuntimes(machine.nodeVersions),
    edges,
    nodeVersions: machine.nodeVersions,
    gitProtocols: git.protocols,
  }
  const handlers = new Map([['deploy', deployHandler(parts)]])
  const ctx = TeamCtx.system(test.services, test.team, 'Ada')

  const find = (number: number) => ctx.transaction((tx) => findDeploy(tx, site.slug, number))
  const runOperation = (id: string, stopping = new AbortController().signal) =>
    run(test.services, handlers, id, newId(), stopping)
  const request = () => ctx.transaction((tx) => requestDeploy(tx, site.slug))
  const finish = async (asked: DeployWithOperation, stopping?: AbortSignal) => {
    await runOperation(asked.operation_id, stopping)
    return find(asked.number)
  }

  return {
    test,
    ctx,
    git,
    repository,
    site,
    parts,
    host: machine.host,
    server,
    request,
    runOperation,
    find,
    deploy: async ({ stopping } = {}) => finish(await request(), stopping),
    rollBack: async (release) => finish(await ctx.transaction((tx) => requestRollback(tx, site.slug, release))),
    visit: async (path = '/') => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: (await response.text()).trim() }
    },
    log: async (deploy) =>
      (
        await test.database.query<{ line: string }>(
          'select line from operation_log where operation_id = $1 order by sequence',
          [deploy.operation_id],
        )
      ).map(({ line }) => line),
    stop: async () => {
      await parts.runtimes.process.removePlace(machine.host, placeOf(site, machine.host.root))
      await stopRelay(machine.host).catch(() => undefined)
      await git.stop()
      await test.close()
      machine.remove()
    },
  }
}
