import type { WorkIo } from './runtime.js'

const maxLines = 100_000
const maxCharacters = 20_000_000

/** A build may print without end. What is past the cap is dropped, once said, and the build goes on. */
export function capped(onLine: WorkIo['onLine'], limits = { maxLines, maxCharacters }): WorkIo['onLine'] {
  let lines = 0
  let characters = 0
  let isSaid = false
  return (line, stream) => {
    lines++
    characters += line.length
    if (lines <= limits.maxLines && characters <= limits.maxCharacters) return onLine(line, stream)
    if (isSaid) return
    isSaid = true
    onLine('… it printed more than is kept; the rest is left out', 'stderr')
  }
}
