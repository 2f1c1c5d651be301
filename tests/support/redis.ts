import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../server/platform/net.js'

export interface TestRedis {
  url: string
  port: number
  stop(): Promise<void>
}

/** A Redis of its own, in memory only. With the port of one that was stopped, it is that one again, with nothing in it. */
export async function startRedis(at?: number): Promise<TestRedis> {
  const port = at ?? (await freePort())
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
