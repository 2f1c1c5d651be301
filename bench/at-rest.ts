import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isQuick, machine, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'
import { cpuMsOf, descendantsOf, memoryOf } from './support/processes.js'

/**
 * What a panel costs that nobody uses: web, worker and embedded PostgreSQL together, set up, with "this machine" as its
 * only server. Usage: tsx bench/at-rest.ts [--quick]
 */
const settleMs = isQuick ? 10_000 : 30_000
const watchedMs = isQuick ? 20_000 : 60_000

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder, withWorker: true })
try {
  // Its own connections are no part of the panel.
  await panel.open.close()
  const postmaster = Number((await readFile(join(folder, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0])
  const parts = { web: [Number(panel.web.pid)], worker: [Number(panel.worker?.pid)], postgres: [postmaster] }
  await wait(settleMs)
  const before = await take(parts)
  const startedAt = performance.now()
  await wait(watchedMs)
  const after = await take(parts)
  const elapsedMs = performance.now() - startedAt

  const rows = Object.keys(parts).map((name) => {
    const [from, to] = [before.get(name), after.get(name)]
    if (!from || !to) throw new Error(`${name} is gone`)
    return {
      name,
      'memory MB': to.bytes / 1024 ** 2,
      kind: to.kind,
      'CPU %': ((to.cpuMs - from.cpuMs) / elapsedMs) * 100,
      processes: to.processes,
    }
  })
  console.table(rows.map((row) => ({ ...row, 'memory MB': round(row['memory MB'], 0), 'CPU %': round(row['CPU %']) })))
  console.log(machine())
  verdict(
    'at rest, memory in MB',
    rows.reduce((sum, row) => sum + row['memory MB'], 0),
    400,
    'at most',
  )
  verdict(
    'at rest, % of a core',
    rows.reduce((sum, row) => sum + row['CPU %'], 0),
    2,
    'at most',
  )
} finally {
  await panel.stop()
  await rm(folder, { recursive: true, force: true })
}

interface Taken {
  bytes: number
  kind: string
  cpuMs: number
  processes: number
}

async function take(parts: Record<string, number[]>): Promise<Map<string, Taken>> {
  const taken = new Map<string, Taken>()
  for (const [name, roots] of Object.entries(parts)) {
    const pids = [...roots, ...(await Promise.all(roots.map(descendantsOf))).flat()]
    const memory = await Promise.all(pids.map(memoryOf))
    const cpu = await Promise.all(pids.map((pid) => cpuMsOf({ pid })))
    taken.set(name, {
      bytes: memory.reduce((sum, { bytes }) => sum + bytes, 0),
      kind: memory[0]?.kind ?? '',
      cpuMs: cpu.reduce((sum, ms) => sum + ms, 0),
      processes: pids.length,
    })
  }
  return taken
}
