import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import type { Secret } from '../../server/platform/secret.js'
import { generateKey } from '../../server/platform/ssh/keys.js'

export interface Sshd {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Accepted for `user`. */
  readonly privateKey: Secret
  /** "ssh-ed25519 AAAA…", as it is pinned. */
  readonly hostKey: string
  /** A folder of this test alone, removed by `stop`. */
  readonly folder: string
  /** What sshd wrote so far. */
  log(): string
  /** Ends all connections at once, as a network does that is cut. */
  dropConnections(): void
  /** The same address and port with a new host key. What is connected stays so until `dropConnections`. */
  changeHostKey(): Promise<void>
  stop(): Promise<void>
}

/** A real sshd on a free port of the loopback, for the user that runs the tests. */
export async function startSshd(settings: readonly string[] = []): Promise<Sshd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostler-sshd-'))
  const port = await freePort()
  const key = generateKey('test')
  const file = (name: string) => path.join(folder, name)
  // Its privilege separation wants this folder, which a boot would have made.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  writeFileSync(file('authorized_keys'), `${key.publicLine}\n`, { mode: 0o600 })
  writeFileSync(file('config'), `${config(port, file, settings).join('\n')}\n`)
  let hostKey = newHostKey(file('host_key'))
  let daemon = await start(port, file)

  const stopDaemon = () =>
    new Promise<void>((resolve) => {
      if (daemon.exitCode !== null || daemon.signalCode !== null) return resolve()
      daemon.once('exit', () => resolve())
      daemon.kill()
    })
  /** Of daemons that are gone: nobody is their parent any more. */
  let orphans: number[] = []
  const dropConnections = () => {
    for (const pid of [...orphans, ...descendants(daemon.pid)]) tryToKill(pid)
    orphans = []
  }

  return {
    address: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: key.privateKey,
    get hostKey() {
      return hostKey
    },
    folder,
    log: () => readFileSync(file('log'), 'utf8'),
    dropConnections,
    async changeHostKey() {
      orphans.push(...descendants(daemon.pid))
      await stopDaemon()
      rmSync(file('host_key'))
      hostKey = newHostKey(file('host_key'))
      daemon = await start(port, file)
    },
    async stop() {
      dropConnections()
      await stopDaemon()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

const config = (port: number, file: (name: string) => string, settings: readonly string[]) => [
  // sshd keeps the first value of each setting.
  ...settings,
  // A login shell of bash skips ~/.bashrc from the second level on: what the tester keeps there may take a second.
  'SetEnv SHLVL=1',
  `Port ${port}`,
  'ListenAddress 127.0.0.1',
  `HostKey ${file('host_key')}`,
  `AuthorizedKeysFile ${file('authorized_keys')}`,
  `PidFile ${file('pid')}`,
  'UsePAM no',
  'StrictModes no',
  'PasswordAuthentication no',
  'PermitRootLogin prohibit-password',
  'LogLevel VERBOSE',
]

function newHostKey(file: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}

async function start(port: number, file: (name: string) => string): Promise<ChildProcess> {
  const daemon = spawn('/usr/sbin/sshd', ['-D', '-f', file('config'), '-E', file('log')], { stdio: 'ignore' })
  while (!(await isListening(port))) {
    if (daemon.exitCode !== null) throw new Error(`sshd did not start: ${readFileSync(file('log'), 'utf8')}`)
  }
  return daemon
}

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).once('error', () => setTimeout(resolve, 20, false))
  })

/** The processes of sshd itself; what they started lives on in sessions of its own, as it does when a link is lost. */
function descendants(pid: number | undefined): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
  const rows = list.split('\n').map((line) => line.trim().split(/\s+/))
  const children = (parent: number): number[] =>
    rows
      .filter(([, ppid, name]) => Number(ppid) === parent && name?.startsWith('sshd'))
      .flatMap(([id]) => [Number(id), ...children(Number(id))])
  return pid === undefined ? [] : children(pid)
}

function tryToKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}
