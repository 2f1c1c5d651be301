import { readdirSync, readFileSync } from 'node:fs'

/** Looks at the command lines of all processes again and again, as anybody on a machine can with `ps`. */
export function watchProcesses(everyMs: number) {
  const lines = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) lines.add(lineOf(name))
  }
  return {
    lines,
    start: () => {
      timer = setInterval(look, everyMs)
    },
    stop: () => clearInterval(timer),
  }
}

/** Empty for one that has just ended. */
function lineOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
