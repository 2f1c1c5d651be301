import { readFileSync } from 'node:fs'
import { UserError } from '../errors.js'
import { type Command, cmd, type Word } from '../shell/command.js'
import { toShell } from '../shell/render.js'
import type { Fence } from './host.js'
import type { FailedCommand } from './remote-command-error.js'
import { scriptFolder } from './script-folder.js'

/** A session on a machine: what all processes of one command have in common. */
export interface Group {
  readonly id: string
  /** Clock ticks from the machine's start to the leader's: an id alone is used again sooner or later. */
  readonly startTime: string
}

/** Linux takes 128 KiB as one argument, and the whole line is one argument of the login shell. */
const longestLine = 130_000

/** These go along inside the command line: ending a group must work on a machine whose disk is full. */
const start = inline('lease.sh') + inline('start.sh')
const end = inline('end-group.sh')

/**
 * The line that runs `command` as a session of its own and first prints `<marker> <group id> <start time>`. A group that
 * an earlier run left in the group file is ended before the command starts: in one session, as each costs a round trip.
 * Throws when it is longer than a machine accepts.
 */
export function startLine(
  command: Command,
  run: { marker: string; groupFile?: string | undefined; fence?: Fence | undefined; asRoot: readonly Word[] },
): string {
  const line = asLine(
    run.asRoot,
    'setsid',
    '-w',
    'sh',
    '-c',
    start,
    'hostler',
    run.marker,
    run.groupFile ?? '',
    run.groupFile === undefined ? '' : end,
    toShell(command),
    ...wordsOf(run.fence),
  )
  if (Buffer.byteLength(line) > longestLine) {
    throw new UserError(422, 'This command is too long for a server', 'Put long texts into a file of the repository.')
  }
  return line
}

/** The line that ends a group and waits until it is gone. */
export const endLine = (group: Group, asRoot: readonly Word[]): string =>
  asLine(asRoot, 'sh', '-c', end, 'end-group', group.id, group.startTime)

const leftExitCode = 76

/** Whether the command was not started, since what an earlier run left in the group file could not be ended. */
export const isHeldUp = ({ exitCode, lastLines }: FailedCommand): boolean =>
  exitCode === leftExitCode && lastLines.includes('hostler: what an earlier run left does not end')

const wordsOf = (fence: Fence | undefined): Word[] => (fence ? [fence.lockFile, String(fence.number)] : [])

const asLine = (asRoot: readonly Word[], ...words: Word[]): string => toShell(cmd('exec', ...asRoot, ...words))

function inline(script: string): string {
  const text = readFileSync(`${scriptFolder(import.meta.url)}${script}`, 'utf8')
  return text.replace(/^\s*#.*\n/gm, '')
}
