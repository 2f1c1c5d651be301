import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { build, isBuilt } from '../../bin/lib/build.js'
import { root } from '../../bin/lib/run.js'
import { readConfig } from '../../server/config.js'
import { cookieName } from '../../server/platform/http/cookies.js'
import { Secret } from '../../server/platform/secret.js'
import { type OpenServices, openServices } from '../../server/services.js'
import { createSession } from '../../server/sessions/sessions.js'
import { initialise } from '../../server/setup/setup.js'
import { freePort } from '../../tests/support/ports.js'

/** The compiled panel in production mode, in processes of its own, as `bin/up` starts it. */
export interface BenchPanel {
  url: string
  /** For a `Cookie` header: the operator's session. */
  cookie: string
  team: { id: string; slug: string }
  /** The same services in this process, for asking without the web. */
  open: OpenServices
  web: ChildProcess
  worker: ChildProcess | undefined
  stop(): Promise<void>
}

export interface PanelPlan {
  dataFolder: string
  /** Left out: the embedded PostgreSQL. */
  databaseUrl?: string
  withWorker?: boolean
  environment?: Record<string, string>
  /** Such as `--cpu-prof`. */
  nodeOptions?: readonly string[]
}

export async function startBenchPanel(plan: PanelPlan): Promise<BenchPanel> {
  if (!isBuilt()) {
    console.log('Compiling …')
    const { ok, output } = await build()
    if (!ok) throw new Error(output)
  }
  const port = await freePort()
  const env = {
    ...process.env,
    ...plan.environment,
    HOSTLER_DATA: plan.dataFolder,
    PORT: String(port),
    HOSTLER_URL: `http://127.0.0.1:${port}`,
    NODE_ENV: 'production',
    DATABASE_URL: plan.databaseUrl ?? '',
    REDIS_URL: '',
  }
  const open = await openServices(readConfig({ ...env, HOSTLER_LOG_LEVEL: 'warn' }))
  const { services } = open
  const { user, team } = await initialise(services, {
    name: 'Ada',
    email: 'ada@example.com',
    team: 'Acme',
    password: new Secret('a walk along the canal'),
  })
  const whence = { ip: '127.0.0.1', userAgent: 'bench' }
  const session = await services.db.asIdentity((db) =>
    createSession(db, user, whence, new Date(), { by: 'password', factor: false }),
  )

  const web = await startNode(join(root, 'dist/server/main.js'), env, plan.nodeOptions)
  const worker = plan.withWorker ? await startNode(join(root, 'dist/jobs/worker.js'), env, plan.nodeOptions) : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    cookie: `${cookieName(session.name, services.config.baseUrl)}=${session.value}`,
    team,
    open,
    web,
    worker,
    stop: async () => {
      if (worker) await endChild(worker)
      await endChild(web)
      await open.close()
      await open.embedded?.stop().catch(() => undefined)
    },
  }
}

/** Resolves once the program says that it is ready. Its log goes nowhere, as fast as to a file. */
export async function startNode(
  file: string,
  env: NodeJS.ProcessEnv,
  nodeOptions: readonly string[] = [],
): Promise<ChildProcess> {
  const child = fork(file, {
    env,
    cwd: root,
    execArgv: [...nodeOptions],
    stdio: ['ignore', process.env.BENCH_LOG ? 'inherit' : 'ignore', 'inherit', 'ipc'],
  })
  const started = await Promise.race([
    once(child, 'message').then(() => true),
    once(child, 'exit').then(() => false),
    wait(60_000, false, { ref: false }),
  ])
  if (!started) throw new Error(`${file} did not start`)
  return child
}

export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}
