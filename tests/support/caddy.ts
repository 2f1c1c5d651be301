import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.js'

export interface TestCaddy {
  adminPort: number
  /** The server that was there before us, and its port. */
  foreignPort: number
  config(): Promise<{ apps: { http: { servers: Record<string, unknown> } } }>
  /** How often its configuration was written since it started first. */
  writes(): number
  /** As `systemctl restart`: all that came by the admin API is forgotten. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A real Caddy with its own admin port and somebody else's site in it, or (`bare`) with nothing but that port. */
export async function startCaddy({ bare = false } = {}): Promise<TestCaddy> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-caddy-'))
  const [adminPort, foreignPort] = [await freePort(), await freePort()]
  const admin = { listen: `127.0.0.1:${adminPort}` }
  const config = bare ? { admin } : { admin, ...someoneElses(foreignPort) }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  let writes = 0
  const onLog = (text: string) => {
    writes += text.split('"method":"POST"').length - 1
  }
  let running = await run(folder, adminPort, onLog)

  return {
    adminPort,
    foreignPort,
    config: async () => {
      const response = await fetch(`http://127.0.0.1:${adminPort}/config/`)
      return (await response.json()) as Awaited<ReturnType<TestCaddy['config']>>
    },
    writes: () => writes,
    async restart() {
      await end(running)
      running = await run(folder, adminPort, onLog)
    },
    async stop() {
      await end(running)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function run(folder: string, adminPort: number, onLog: (text: string) => void): Promise<ChildProcess> {
  const caddy = spawn('caddy', ['run', '--config', join(folder, 'config.json')], {
    env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const started = new Promise<void>((resolve, reject) => {
    caddy.stderr.on('data', (chunk) => {
      onLog(String(chunk))
      said += chunk
      if (said.includes('serving initial configuration')) resolve()
    })
    caddy.once('exit', () => reject(new Error(`Caddy did not start on ${adminPort}: ${said}`)))
  })
  await started
  return caddy
}

/** KILL: a `shutdown_delay` would hold up the test, and a crash is the harder case. */
async function end(caddy: ChildProcess): Promise<void> {
  if (caddy.exitCode !== null || caddy.signalCode !== null) return
  const ended = once(caddy, 'exit')
  caddy.kill('SIGKILL')
  await ended
}

const someoneElses = (port: number) => ({
  apps: {
    http: {
      // Theirs, so it stays. Ours would be 3 s, which each change of the configuration takes.
      shutdown_delay: '200ms',
      servers: {
        theirs: {
          listen: [`127.0.0.1:${port}`],
          routes: [
            {
              match: [{ path: ['/long/*'] }],
              handle: [{ handler: 'headers', response: { set: { 'X-Theirs': ['10000000000000001'] } } }],
            },
            { handle: [{ handler: 'static_response', body: 'theirs' }] },
          ],
        },
      },
    },
  },
})
