import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compiledInOne } from './compiled.js'
import { type TestServices, testSecretKey } from './services.js'
import { nodeCache } from './sites.js'

/** A worker as it runs in production, in a process of its own, so that it can be killed and frozen. */
export interface WorkerProcess {
  /** Power off: no goodbye, nothing flushed. */
  kill(): Promise<void>
  /** Frozen in the middle of whatever it does, as by a machine that swaps or migrates. */
  freeze(): void
  thaw(): void
  /** What it wrote to its log so far. */
  said(): string
}

/** Long enough for a busy machine. Tests do not sit it out but age what a lost worker left, see `FaultStage.lose`. */
const leaseSeconds = 6

const started = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

export async function startWorker(test: TestServices, settings: Record<string, string> = {}): Promise<WorkerProcess> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostler-worker-'))
  symlinkSync(nodeCache, path.join(folder, 'node'))
  const child = fork(compiledInOne('jobs/worker.ts'), [], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'test',
      DATABASE_URL: test.database.ownerUrl,
      HOSTLER_DATA: folder,
      HOSTLER_SECRET_KEY: testSecretKey,
      HOSTLER_GIT_PROTOCOLS: 'https:ssh:http',
      HOSTLER_LEASE_SECONDS: String(leaseSeconds),
      ...settings,
    },
  })
  started.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said += chunk
    })
  const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (word !== 'ready') throw new Error(`The worker did not start: ${said}`)

  return {
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      started.delete(child)
      rmSync(folder, { recursive: true, force: true })
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    said: () => said,
  }
}
