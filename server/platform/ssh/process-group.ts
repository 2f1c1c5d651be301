import { readFileSync } from 'node:fs'
import { UserError } from '../errors.js'
import { type Command, cmd, type Word } from '../shell/command.js'
import { toShell } from '../shell/render.js'
import { scriptFolder } from './script-folder.js'

/** A session on a machine: what all processes of one command have in common. */
export interface Group {
  readonly id: string
  /** Clock ticks from the machine's start to the leader's: an id alone is used again sooner or later. */
  readonly startTime: string
}

/** Linux takes 128 KiB as one argument, and the whole line is one argument of the login shell. */
const longestLine = 130_000

/** These two go along inside the command line: ending a group must work on a machine whose disk is full. */
const start = inline('start.sh')
const end = inline('end-group.sh')

/**
 * The line that runs `command` as a session of its own and first prints `<marker> <group id> <start time>`.
 * Throws when it is longer than a machine accepts.
 */
export function startLine(
  command: Command,
  run: { marker: string; groupFile?: string | undefined; asRoot: readonly Word[] },
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
    toShell(command),
  )
  if (Buffer.byteLength(line) > longestLine) {
    throw new UserError(422, 'This command is too long for a server', 'Put long texts into a file of the repository.')
  }
  return line
}

/** The line that ends a group, or the one that was written to a file, and waits until it is gone. */
export const endLine = (group: Group | { readonly file: string }, asRoot: readonly Word[]): string =>
  'file' in group
    ? asLine(asRoot, 'sh', '-c', end, 'end-group', group.file)
    : asLine(asRoot, 'sh', '-c', end, 'end-group', group.id, group.startTime)

const asLine = (asRoot: readonly Word[], ...words: Word[]): string => toShell(cmd('exec', ...asRoot, ...words))

function inline(script: string): string {
  const text = readFileSync(`${scriptFolder(import.meta.url)}${script}`, 'utf8')
  return text.replace(/^\s*#.*\n/gm, '')
}
