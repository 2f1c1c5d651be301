import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { append } from '../server/platform/events/append.js'
import { verifyChain } from '../server/platform/events/verify.js'
import { newId } from '../server/platform/ids.js'
import { seedEvents } from './support/events.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'

/**
 * A team with a million events: what one more costs, how fast the chain is verified. Usage: tsx bench/audit.ts [--quick]
 */
const count = isQuick ? 100_000 : 1_000_000
const rounds = isQuick ? 3 : 5

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder })
try {
  const { services } = panel.open
  const team = { id: newId(), slug: 'many', name: 'Many' }
  const ctx = TeamCtx.system(services, team, 'bench')
  await seedEvents(panel.open.embedded?.ownerUrl ?? '', team.id, count)

  const verified = await perSecond(rounds, async () => {
    const found = await ctx.reading((tx) => verifyChain(tx.db, team.id))
    if (!found.ok) throw new Error(`${found.why} (${found.sequence})`)
    return found.events
  })
  verdict('events verified a second', verified, 200_000, 'at least')

  const appended = await perSecond(rounds, async () => {
    for (let number = 0; number < 300; number++)
      await ctx.transaction((tx) =>
        append(tx, { type: 'team.created', subject: { kind: 'team', id: team.id }, data: { name: 'Acme' } }),
      )
    return 300
  })
  console.log(`one event in a transaction of its own: ${round(1000 / appended)} ms`)
  console.log(`peak memory: ${round(process.resourceUsage().maxRSS / 1024, 0)} MB`)
  console.log(machine())
} finally {
  await panel.stop()
  await rm(folder, { recursive: true, force: true })
}

/** The median over so many rounds. */
async function perSecond(times: number, work: () => Promise<number>): Promise<number> {
  const taken: number[] = []
  for (let number = 0; number < times; number++) {
    const start = performance.now()
    const done = await work()
    taken.push((done / (performance.now() - start)) * 1000)
  }
  return median(taken)
}
