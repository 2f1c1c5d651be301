import type { Command } from './command.js'
import { quote, quoteProgram } from './quote.js'

const displayLimit = 300

/**
 * The text for `sh -c`. A command with a pipe in it is handed to bash whole, with `pipefail`, so that a failure in any
 * part fails all of it: the login shell may be dash, which learned that option only in 2024, and bash is on every
 * Debian and Ubuntu. `cd` in a part holds for the parts after it.
 */
export function toShell(command: Command): string {
  const text = render(command)
  return hasPipe(command) ? `bash -o pipefail -c ${quote(text)}` : text
}

/** The same for people: one line, no bash around it, cut when long. Never runs. */
export function toDisplay(command: Command): string {
  const line = render(command).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeControl)
  return line.length > displayLimit ? `${line.slice(0, displayLimit)}…` : line
}

function render(command: Command): string {
  switch (command.kind) {
    case 'exec':
      return [quoteProgram(command.words[0] ?? ''), ...command.words.slice(1).map(quote)].join(' ')
    case 'into':
      return `${group(command.command)} ${command.append ? '>>' : '>'} ${quote(command.file)}`
    case 'join':
      return joinParts(command.by, command.parts)
  }
}

function joinParts(by: '&&' | '||' | '|', parts: readonly Command[]): string {
  // Nothing to do is done; there is no such answer for "either of nothing" or an empty pipe.
  if (parts.length === 0 && by === '&&') return 'true'
  if (parts.length === 0) throw new Error(`A "${by}" of no commands`)
  // The same operator twice needs no braces; a redirection belongs to its own command and binds tighter than all three.
  return parts.map((part) => (isSame(part, by) ? render(part) : group(part, 'into'))).join(` ${by} `)
}

const isSame = (part: Command, by: string): boolean => part.kind === 'join' && part.by === by && part.parts.length > 0

function group(command: Command, alsoPlain?: 'into'): string {
  if (command.kind === 'exec' || command.kind === alsoPlain) return render(command)
  if (command.kind === 'join' && command.parts.length === 1 && command.parts[0])
    return group(command.parts[0], alsoPlain)
  return `{ ${render(command)}; }`
}

function hasPipe(command: Command): boolean {
  switch (command.kind) {
    case 'exec':
      return false
    case 'into':
      return hasPipe(command.command)
    case 'join':
      return (command.by === '|' && command.parts.length > 1) || command.parts.some(hasPipe)
  }
}

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const escapeControl = (character: string): string =>
  escapes[character] ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
