import dotenv from 'dotenv'

/** What a pasted `.env` says, and what of it was not understood. */
export interface ParsedDotenv {
  /** In the order of the text; of a key that comes twice, the last. */
  readonly values: ReadonlyMap<string, string>
  readonly duplicates: readonly string[]
  /** Numbers of lines that are neither a variable nor a comment. */
  readonly strange: readonly number[]
}

// Where dotenv sees one assignment; what it means is dotenv's own business.
// https://github.com/motdotla/dotenv/blob/master/lib/main.js
const assignment =
  /^\s*(?:export\s+)?[\w.-]+(?:\s*=\s*?|:\s+?)(?:\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm

/** One assignment after the other, because dotenv itself forgets that a key came twice. */
export function parseDotenv(pasted: string): ParsedDotenv {
  const text = pasted.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const values = new Map<string, string>()
  const duplicates = new Set<string>()
  for (const [one] of text.matchAll(assignment)) {
    for (const [key, value] of Object.entries(dotenv.parse(one))) {
      if (values.delete(key)) duplicates.add(key)
      values.set(key, value)
    }
  }
  return { values, duplicates: [...duplicates], strange: strangeLines(text) }
}

/** What is left when the assignments are taken away, but for comments. */
function strangeLines(text: string): number[] {
  const rest = text.replace(assignment, (one) => one.replace(/[^\n]/g, ''))
  return rest.split('\n').flatMap((line, index) => (/^\s*(#|$)/.test(line) ? [] : [index + 1]))
}
