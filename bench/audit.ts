import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditPage, exportLog } from '../server/audit/audit.js'
import { AuditQuery } from '../server/audit/schema.js'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { append } from '../server/platform/events/append.js'
import { verifyChain } from '../server/platform/events/verify.js'
import { newId } from '../server/platform/ids.js'
import { personId, seedEvents } from './support/events.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'

/**
 * A team with a million events: how fast the chain is verified, how long a page of the audit log takes with each filter,
 * how fast it is exported, and what one more event costs. Usage: tsx bench/audit.ts [--quick]
 */
const count = isQuick ? 100_000 : 1_000_000
const rounds = isQuick ? 3 : 5
const pages = {
  'without a filter': {},
  'of one person': { person: personId },
  'of one frequent act': { act: 'deploy.succeeded' },
  'of one rare act': { act: 'site.removed' },
  'of a group of acts': { act: 'deploy' },
  'about one kind of thing': { kind: 'site' },
  'about one thing by name': { thing: 'Site 7' },
  'in a month two years ago': monthAgo(24),
  'from one address': { address: '203.0.113.7' },
  'with a frequent word': { words: 'main' },
  'with a rare word': { words: 'mauritius' },
  'with two words': { words: 'mauritius site' },
  'words that nobody wrote': { words: 'nowhere' },
  'with a word in one month': { words: 'mauritius', ...monthAgo(24) },
  'of one person with a rare word': { person: personId, words: 'mauritius' },
}

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

  for (const [name, wanted] of Object.entries(pages)) {
    const query = AuditQuery.parse({ ...wanted })
    await auditPage(ctx, query)
    const taken: number[] = []
    for (let number = 0; number < rounds * 3; number++) {
      const start = performance.now()
      const { items } = await auditPage(ctx, query)
      taken.push(performance.now() - start)
      if (items.length === 0 && name !== 'words that nobody wrote') throw new Error(`${name} finds nothing`)
    }
    verdict(`ms for a page of the log, ${name}`, median(taken), 100, 'at most')
  }

  for (const format of ['csv', 'jsonl'] as const) {
    const exported = await perSecond(1, async () => {
      let lines = 0
      for await (const text of await exportLog(ctx, { format })) lines += String(text).split('\n').length - 1
      return lines
    })
    verdict(`events exported a second as ${format}`, exported, 50_000, 'at least')
  }

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

function monthAgo(months: number): { from: string; to: string } {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  const start = Date.now() - months * 30 * 24 * 3600_000
  return { from: day(start), to: day(start + 30 * 24 * 3600_000) }
}
