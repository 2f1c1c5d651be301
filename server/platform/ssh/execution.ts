import { randomBytes } from 'node:crypto'
import type { Command } from '../shell/command.js'
import { toDisplay } from '../shell/render.js'
import { Announcement } from './announcement.js'
import type { Channel, Exit } from './channel.js'
import type { RunOptions } from './host.js'
import type { Output } from './output.js'
import type { Group } from './process-group.js'
import { CommandTimeoutError, type FailedCommand, RemoteCommandError } from './remote-command-error.js'
import { feed } from './stdin.js'

/** What a machine must be able to do for a command to run on it. */
export interface Machine {
  readonly name: string
  /** Starts the command so that it announces its group after `marker`. */
  start(marker: string): Promise<Channel>
  /** Ends the group now, or as soon as the machine can be reached again. */
  end(group: Group): Promise<void>
}

/** A command that told how it ended, well or not. */
export type Finished = FailedCommand & { readonly exitCode: number }

/** Bytes of stdout as they come; a thrown error ends the command. */
export type Take = (chunk: Buffer, failed: () => FailedCommand) => void

/**
 * Runs one command to its end, however that comes. Rejects with `RemoteCommandError` when the machine does not say how
 * it ended, with `CommandTimeoutError`, with the signal's reason, or with `UserError` when the machine is out of reach.
 * When it rejects, the command's process group is gone, or will be ended on the next contact.
 */
export async function execute(
  machine: Machine,
  command: Command,
  options: RunOptions,
  output: Output,
  take?: Take,
): Promise<Finished> {
  options.signal?.throwIfAborted()
  const marker = `hostler-${randomBytes(8).toString('hex')}`
  const announcement = new Announcement(marker)
  const failed = (exit: Exit = { code: null, signal: null }): FailedCommand => ({
    host: machine.name,
    display: options.display ?? toDisplay(command),
    exitCode: exit.code,
    signal: exit.signal,
    lastLines: output.lastLines,
    isHeard: options.onLine !== undefined,
  })

  const channel = await machine.start(marker)
  const interruption = interruptible(options, () => new CommandTimeoutError(failed(), options.timeoutMs))
  try {
    const attempt = (act: () => void) => {
      try {
        act()
      } catch (error) {
        interruption.now(error)
      }
    }
    channel.stdout.on('data', (chunk: Buffer) =>
      attempt(() => {
        const own = announcement.read(chunk)
        output.write(own, 'stdout')
        take?.(own, failed)
      }),
    )
    channel.stderr.on('data', (chunk: Buffer) => attempt(() => output.write(chunk, 'stderr')))
    feed(channel.stdin, options.stdin).catch(interruption.now)

    const exit = await Promise.race([channel.ended, interruption.happened])
    output.end()
    // Without an announcement the command never ran: what ended was sudo or the login shell.
    if (exit.code === null || !announcement.group) throw new RemoteCommandError(failed(exit))
    return { ...failed(exit), exitCode: exit.code }
  } catch (error) {
    const isOver = error instanceof RemoteCommandError && error.exitCode !== null
    if (!isOver) await giveUp(machine, channel, announcement)
    throw error
  } finally {
    interruption.clear()
  }
}

async function giveUp(machine: Machine, channel: Channel, announcement: Announcement): Promise<void> {
  const known = () => announcement.group
  const group = await Promise.race([announcement.within(2000), channel.ended.then(known, known)])
  if (group) await machine.end(group)
  channel.close()
}

/** A promise that only ever rejects: by the signal, by the clock, or because somebody says so. */
function interruptible(options: RunOptions, timeout: () => Error) {
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise
  })
  promise.catch(() => {})
  const onAbort = () => reject(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.signal?.aborted) onAbort()
  const timer = setTimeout(() => reject(timeout()), options.timeoutMs)

  return {
    happened: promise,
    now: (error: unknown) => reject(error),
    clear: () => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
    },
  }
}
