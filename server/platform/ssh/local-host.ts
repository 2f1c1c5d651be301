import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { type Channel, whenEnded } from './channel.js'
import { ShellHost } from './shell-host.js'

/** The machine that the panel runs on. The only place in this folder that starts a process. */
export class LocalHost extends ShellHost {
  readonly name: string
  readonly root: string
  protected readonly asRoot = []

  constructor(machine: { name: string; root: string }) {
    super()
    this.name = machine.name
    this.root = machine.root
  }

  protected async open(line: string): Promise<Channel> {
    const child = spawn('sh', ['-c', line], { cwd: '/', env: environment(), stdio: 'pipe' })
    let failure: Error | undefined
    child.once('error', (error) => {
      failure = error
    })
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      ended: whenEnded(child, [child.stdout, child.stderr], () => failure),
      close() {
        child.stdin.destroy()
        child.stdout.destroy()
        child.stderr.destroy()
      },
    }
  }

  forward(to: { port: number } | { socket: string }): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const socket = connect('port' in to ? { host: '127.0.0.1', port: to.port } : { path: to.socket })
      socket.once('connect', () => resolve(socket.off('error', reject))).once('error', reject)
    })
  }

  async close(): Promise<void> {}
}

/** What sshd would give. The panel's own environment holds its secrets and must not reach a build (CI-13). */
function environment(): Record<string, string> {
  const { username, homedir } = userInfo()
  return {
    // The folder of our own Node last: on a machine with nothing else it is the only one that has npm.
    PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${path.dirname(process.execPath)}`,
    HOME: homedir,
    USER: username,
    LOGNAME: username,
    SHELL: '/bin/sh',
    // Our end of its input is a socket, which bash takes for a login from afar: on the first level it would read ~/.bashrc.
    SHLVL: '1',
  }
}
