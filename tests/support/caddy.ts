import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.js'

export interface TestCaddy {
  adminPort: number
  /** Who runs it: as in Debian's package where we may choose, so that it can read and write no more than there. */
  user: string
  /** Where visitors of names come in: its `http_port` and `https_port`. */
  webPorts: { http: number; https: number }
  /** The server that was there before us, and its port. */
  foreignPort: number
  config(): Promise<{ apps: { http: { servers: Record<string, unknown> } } }>
  /** How often its configuration was written since it started first. */
  writes(): number
  /** How long kept connections are asked to close before each change; short, unless visitors are counted meanwhile. */
  giveNotice(time: string): Promise<void>
  /** As `systemctl restart`: all that came by the admin API is forgotten. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface CaddyOptions {
  bare?: boolean
  /** As `giveNotice`, from the start. */
  notice?: string
  /** How often it looks for certificates that are about to end, such as `1s`. */
  renewInterval?: string
  /** More servers of somebody else's, by name. */
  theirs?: (webPorts: { http: number; https: number }) => object
}

/** A real Caddy with its own admin port and somebody else's site in it, or (`bare`) with nothing but that port. */
export async function startCaddy({
  bare = false,
  renewInterval = '10m',
  notice = shortNotice,
  theirs = () => ({}),
}: CaddyOptions = {}): Promise<TestCaddy> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-caddy-'))
  const user = await ownUser(folder)
  const [adminPort, foreignPort] = [await freePort(), await freePort()]
  const webPorts = { http: await freePort(), https: await freePort() }
  const admin = { listen: `127.0.0.1:${adminPort}` }
  const config = bare ? { admin } : { admin, ...someoneElses(foreignPort, webPorts, { renewInterval, theirs, notice }) }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  let writes = 0
  const onLog = (text: string) => {
    writes += text.split('"method":"POST"').length - 1
  }
  let running = await run(folder, user, onLog)

  return {
    adminPort,
    user,
    webPorts,
    foreignPort,
    config: async () => {
      const response = await fetch(`http://127.0.0.1:${adminPort}/config/`)
      return (await response.json()) as Awaited<ReturnType<TestCaddy['config']>>
    },
    writes: () => writes,
    async giveNotice(time) {
      const body = JSON.stringify(time)
      const headers = { 'content-type': 'application/json' }
      const url = `http://127.0.0.1:${adminPort}/config/apps/http/shutdown_delay`
      await fetch(url, { method: 'PATCH', headers, body })
    },
    async restart() {
      await end(running)
      running = await run(folder, user, onLog)
    },
    async stop() {
      await end(running)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Each change of the configuration takes so long. */
export const shortNotice = '20ms'

/** Enough for connections that take a request every 40 ms, on a machine that is busy with other tests. */
export const longNotice = '500ms'

/** Gives the folder to the user "caddy", if we are root and it is there. */
async function ownUser(folder: string): Promise<string> {
  const mine = userInfo().username
  if (process.getuid?.() !== 0) return mine
  const given = spawn('chown', ['caddy:', folder], { stdio: 'ignore' })
  const [code] = await once(given, 'exit')
  return code === 0 ? 'caddy' : mine
}

async function run(folder: string, user: string, onLog: (text: string) => void): Promise<ChildProcess> {
  const become = user === 'caddy' ? ['setpriv', '--reuid=caddy', '--regid=caddy', '--init-groups', '--'] : []
  const [program = 'caddy', ...words] = [...become, 'caddy', 'run', '--config', join(folder, 'config.json')]
  const caddy = spawn(program, words, {
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
    caddy.once('exit', () => reject(new Error(`Caddy did not start: ${said}`)))
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

const someoneElses = (
  port: number,
  webPorts: { http: number; https: number },
  { renewInterval, theirs, notice }: Pick<Required<CaddyOptions>, 'renewInterval' | 'theirs' | 'notice'>,
) => ({
  apps: {
    ...(renewInterval === '10m' ? {} : { tls: { automation: { renew_interval: renewInterval } } }),
    http: {
      http_port: webPorts.http,
      https_port: webPorts.https,
      // Theirs, so it stays. Ours would be 3 s, which each change of the configuration takes.
      shutdown_delay: notice,
      servers: {
        ...theirs(webPorts),
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
