import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface KeyPair {
  readonly privateKey: string
  readonly publicKey: string
}

/** A real sshd that runs nothing but Git, for keys that were let in. */
export class GitSshd {
  readonly port: number
  readonly user = userInfo().username
  readonly #folder: string
  #process: ChildProcess | null = null

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  static async start(folder: string): Promise<GitSshd> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const sshd = new GitSshd(folder, await freePort())
    await sshd.#prepare()
    await sshd.changeHostKey()
    return sshd
  }

  /** The same address with another identity. Returns its fingerprint. */
  async changeHostKey(): Promise<string> {
    await this.stop()
    const file = join(this.#folder, 'host_key')
    await rm(file, { force: true })
    await makeKeyFile(file)
    await this.#listen()
    return (await run('ssh-keygen', ['-l', '-f', file])).stdout.split(' ')[1] ?? ''
  }

  async authorize(key: KeyPair): Promise<void> {
    await appendFile(join(this.#folder, 'authorized_keys'), `restrict ${key.publicKey}\n`)
  }

  async makeKey(name: string): Promise<KeyPair> {
    const file = join(this.#folder, name)
    await makeKeyFile(file)
    return { privateKey: await readFile(file, 'utf8'), publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() }
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = null
    if (!child || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async #prepare(): Promise<void> {
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true })
    const only = join(this.#folder, 'only-git')
    await writeFile(only, '#!/bin/sh\nexec git shell -c "$SSH_ORIGINAL_COMMAND"\n', { mode: 0o755 })
    await writeFile(join(this.#folder, 'authorized_keys'), '', { mode: 0o600 })
    const config = [
      `ListenAddress 127.0.0.1:${this.port}`,
      `HostKey ${this.#folder}/host_key`,
      `AuthorizedKeysFile ${this.#folder}/authorized_keys`,
      `PidFile ${this.#folder}/pid`,
      `ForceCommand ${only}`,
      'AcceptEnv GIT_PROTOCOL',
      'AuthenticationMethods publickey',
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
    ]
    await writeFile(join(this.#folder, 'config'), `${config.join('\n')}\n`)
  }

  async #listen(): Promise<void> {
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(this.#folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('Server listening')) break
    child.stderr.resume()
  }
}

const makeKeyFile = (file: string) =>
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'hostler-test', '-f', file])

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server's address is never a string
  server.close()
  await once(server, 'close')
  return port
}
