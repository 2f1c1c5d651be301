import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'

/** What the kernel counts of a process. Linux only, as are the servers that Hostler runs on. */

const tickMs = 10

/** User and system time so far, of all its threads. */
export async function cpuMsOf({ pid }: ChildProcess | { pid: number }): Promise<number> {
  const fields = await statOf(Number(pid))
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** What it alone would give back, with its share of what is shared (PSS); all that is resident where that is not told. */
export async function memoryOf(pid: number): Promise<{ bytes: number; kind: 'PSS' | 'RSS' }> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const pss = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]
  if (pss) return { bytes: Number(pss) * 1024, kind: 'PSS' }
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { bytes: Number(rss) * 1024, kind: 'RSS' }
}

export async function descendantsOf(root: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (pid) => [pid, Number((await statOf(pid).catch(() => []))[1])] as const),
  )
  const children = (parent: number): number[] =>
    parents.filter(([, of]) => of === parent).flatMap(([pid]) => [pid, ...children(pid)])
  return children(root)
}

/** The fields behind the name, which may hold blanks and brackets: state, parent, … */
async function statOf(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
