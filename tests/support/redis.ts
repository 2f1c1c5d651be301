import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../server/platform/net.js'

export interface TestRedis {
  url: string
  stop(): Promise<void>
}

/** A Redis of its own on a free port, in memory only. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
