import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { conflict, UserError } from '../errors.js'
import { all, type Command, cmd, into, type Word } from '../shell/command.js'
import type { Channel } from './channel.js'
import { execute, type Finished, type Machine, type Take } from './execution.js'
import { throwIfStale } from './fencing.js'
import type { Content, Host, RunOptions, UploadOptions } from './host.js'
import { Learned } from './learned.js'
import { Output } from './output.js'
import { endLine, type Group, isHeldUp, startLine } from './process-group.js'
import { OutputTooLargeError, RemoteCommandError } from './remote-command-error.js'

const capturedBytes = 1024 * 1024
const loggedBytes = 64 * 1024 * 1024

/** TERM, five seconds, KILL, and the way there. */
const endMs = 15_000

/**
 * What the local and the remote machine have in common, which is everything but how a line of shell is started there
 * and how a port is reached.
 */
export abstract class ShellHost implements Host {
  abstract readonly name: string
  abstract readonly root: string
  readonly learned: Learned = new Learned(this)

  /** Words before every command: `sudo` where the panel does not sign in as root. The only place that knows. */
  protected abstract readonly asRoot: readonly Word[]

  /** Groups that could not be ended, since the machine was out of reach. */
  readonly #left = new Set<Group>()

  /** Runs one line in the login shell. `urgent` passes the queue: it frees what the others wait for. */
  protected abstract open(
    line: string,
    options: { urgent: boolean; signal?: AbortSignal | undefined },
  ): Promise<Channel>
  abstract forward(to: { port: number } | { socket: string }): Promise<Duplex>
  abstract close(): Promise<void>

  async run(command: Command, options: RunOptions): Promise<void> {
    await this.#succeed(command, options, new Output(options.onLine, options.maxBytes ?? loggedBytes))
  }

  async capture(command: Command, options: RunOptions): Promise<string> {
    const maxBytes = options.maxBytes ?? capturedBytes
    const chunks: Buffer[] = []
    let sizeBytes = 0
    const keep: Take = (chunk, failed) => {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) throw new OutputTooLargeError(failed(), maxBytes)
      chunks.push(chunk)
    }
    await this.#succeed(command, options, new Output(options.onLine, loggedBytes), keep)
    return Buffer.concat(chunks).toString('utf8')
  }

  async status(command: Command, options: RunOptions): Promise<number> {
    const { exitCode } = await this.#execute(
      command,
      options,
      new Output(options.onLine, options.maxBytes ?? loggedBytes),
    )
    return exitCode
  }

  async upload(file: string, content: Content, mode: number, options: UploadOptions = {}): Promise<void> {
    const part = `${file}.${randomBytes(6).toString('hex')}.part`
    const mask = (~mode & 0o777).toString(8).padStart(3, '0')
    const write = all(cmd('umask', mask), into(cmd('cat'), part))
    // Two commands: where the link is lost in the first, `cat` sees a plain end of file and half a file looks whole.
    const place = all(cmd('chmod', mode.toString(8), '--', part), cmd('mv', '-fT', '--', part, file))
    try {
      await this.run(write, { ...options, stdin: content, timeoutMs: 30 * 60_000 })
      await this.run(place, { ...options, timeoutMs: 30_000 })
    } catch (error) {
      const { signal: _, ...rest } = options
      // A `UserError` here means that the machine is out of reach: no use in asking it for more.
      if (!(error instanceof UserError))
        await this.run(cmd('rm', '-f', '--', part), { ...rest, timeoutMs: 10_000 }).catch(() => {})
      throw error
    }
  }

  async #succeed(command: Command, options: RunOptions, output: Output, take?: Take): Promise<void> {
    const finished = await this.#execute(command, options, output, take)
    if (finished.exitCode !== 0) throw new RemoteCommandError(finished)
  }

  async #execute(command: Command, options: RunOptions, output: Output, take?: Take): Promise<Finished> {
    const machine: Machine = {
      name: this.name,
      start: (marker) => this.#start(command, marker, options),
      end: (group) => this.#endSoon(group),
    }
    const finished = await execute(machine, command, options, output, take)
    throwIfStale(finished)
    if (isHeldUp(finished)) {
      throw conflict(
        `A process that an earlier run left on ${this.name} does not end`,
        `Restart ${this.name}, or find out there what it waits for: its id is in ${options.groupFile}.`,
      )
    }
    return finished
  }

  async #start(command: Command, marker: string, { groupFile, fence, signal }: RunOptions): Promise<Channel> {
    const line = startLine(command, { marker, groupFile, fence, asRoot: this.asRoot })
    for (const group of this.#left) await this.#endSoon(group)
    return this.open(line, { urgent: false, signal })
  }

  /** Never throws: what cannot be reached now is remembered and ended before the next command starts. */
  async #endSoon(group: Group): Promise<void> {
    this.#left.add(group)
    const isReached = await this.#end(group).then(
      () => true,
      () => false,
    )
    if (isReached) this.#left.delete(group)
  }

  /** Whether the group is gone. Throws when the machine is out of reach. */
  async #end(group: Group): Promise<boolean> {
    const channel = await this.open(endLine(group, this.asRoot), { urgent: true })
    channel.stdin.on('error', () => {}).end()
    channel.stdout.resume()
    channel.stderr.resume()
    const { promise: late, clear } = after(endMs, () => new UserError(502, `${this.name} did not answer in time`))
    const exit = await Promise.race([channel.ended, late]).finally(clear)
    channel.close()
    return exit.code === 0
  }
}

function after(ms: number, error: () => Error) {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), ms)
  })
  return { promise, clear: () => clearTimeout(timer) }
}
