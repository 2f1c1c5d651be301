/** Why a program ended, for people; null when it did not end or ended well. */
export function endReason(
  exitCode: number | null,
  { isOutOfMemory, memoryMb }: { isOutOfMemory: boolean; memoryMb: number },
): string | null {
  if (isOutOfMemory)
    return `It used more than its ${memoryMb} MB of memory and was killed. Raise the limit, or find what uses so much.`
  switch (exitCode) {
    case null:
      return null
    case 0:
      return 'It ended by itself, without an error. A site has to keep running; check the start command.'
    case 126:
      return 'The start command could not be run (exit code 126). Check that the file is executable.'
    case 127:
      return 'The start command was not found (exit code 127). Check its spelling, and that the build installs it.'
    case 137:
      return 'It was killed (exit code 137), as machines do when memory runs out.'
    case 143:
      return 'It was asked to end and did (exit code 143).'
    default:
      return exitCode > 128 ? `It crashed by signal ${exitCode - 128}.` : `It ended with exit code ${exitCode}.`
  }
}
