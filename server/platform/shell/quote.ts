import { UserError } from '../errors.js'
import type { Word } from './command.js'

/** What no POSIX shell gives a meaning to, wherever it stands in a word (a leading `=` or `~` has one in some). */
const plain = /^[A-Za-z0-9_/.:,@%+-][A-Za-z0-9_/.:,@%+=-]*$/

/** In the place of a command these would be read as grammar or as an assignment; quoted, they are names again. */
const grammar =
  /=|^(?:if|then|else|elif|fi|case|esac|for|while|until|do|done|in|function|select|time|coproc|!|\{|\}|\[\[|\]\])$/

/**
 * One word, so that any POSIX shell reads back the same bytes. Throws on a NUL byte, which no argument can hold:
 * sshd would answer "Unable to exec" long after anybody knew which field it was.
 */
export function quote(word: Word): string {
  const text = String(word)
  if (text.includes('\0')) throw new UserError(422, 'A text with a NUL character in it cannot be sent to a server')
  return plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** The first word of a command. */
export function quoteProgram(word: Word): string {
  const quoted = quote(word)
  return grammar.test(quoted) && !quoted.startsWith("'") ? `'${quoted}'` : quoted
}
