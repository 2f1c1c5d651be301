import type { ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { startEmbedded } from '../server/platform/db/embedded.js'
import { freePort } from '../tests/support/ports.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { type BenchPanel, endChild, startBenchPanel, startNode } from './support/panel.js'
import { cpuMsOf } from './support/processes.js'
import { createDatabase, seed } from './support/seed.js'

/**
 * Requests a second of the pages that people land on, against bare Express with one query, and against themselves with
 * fewer sites. There are two floors: one draws a page of the same size, all of it rows of the page's table; the other makes
 * the very HTML of the page, but draws only the rows that are in it: the rest is fixed text. Each size has a database and a web process of its own, and each round asks all of
 * them in turn, so that what else the machine does hits all alike. Usage: tsx bench/pages.ts [--quick] [page …], of those in `floor-rows.cjs`
 */
const sizes = isQuick ? [100, 21_000] : [100, 2_100, 21_000]
const servers = 600
const rounds = isQuick ? 3 : 7
const seconds = isQuick ? 2 : 4
const connections = 10
/** Until the compiler of V8 is done with what is asked; by number, because a busy machine does little in a second. */
const warmUp = isQuick ? 500 : 6_000
const floorProgram = fileURLToPath(new URL('./support/floor-page.cjs', import.meta.url))
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const pages = wanted.length > 0 ? wanted : ['/home', '/sites']

const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const postgres = await startEmbedded(join(folder, 'postgres'))
const panels: { sites: number; databaseUrl: string; panel: BenchPanel }[] = []
try {
  for (const sites of sizes) {
    const databaseUrl = await createDatabase(postgres.ownerUrl, `sites_${sites}`)
    const panel = await startBenchPanel({ dataFolder: join(folder, `data-${sites}`), databaseUrl })
    panels.push({ sites, databaseUrl, panel })
    await seed(databaseUrl, panel.team.id, { sites, servers })
  }
  for (const page of pages) await measure(page)
  console.log(machine())
} finally {
  for (const { panel } of panels) await panel.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measure(page: string): Promise<void> {
  const [first, largest] = [panels.at(0), panels.at(-1)]
  if (!first || !largest) return
  const html = await ask(largest.panel, page)
  if (html === null) return console.log(`${page}: there is no such page`)
  const floors = [await startDrawnFloor(largest, page, html), await startFixedFloor(largest, page, html)]
  const subjects: Subject[] = [
    ...floors,
    ...panels.map(({ sites, panel }) => ({
      name: `${sites} sites`,
      url: urlOf(panel, page),
      cookie: panel.cookie,
      process: panel.web,
    })),
  ]
  for (const subject of subjects) await load(subject, { amount: warmUp })
  const taken = subjects.map((subject) => ({ ...subject, perSecond: [] as number[], cpuMs: [] as number[] }))
  for (let number = 0; number < rounds; number++) {
    for (const subject of number % 2 ? taken.toReversed() : taken) {
      const { perSecond, cpuMs } = await load(subject, { duration: seconds })
      subject.perSecond.push(perSecond)
      subject.cpuMs.push(cpuMs)
    }
  }
  for (const floor of floors) await endChild(floor.process)

  const [drawn, fixed, smallest, ...larger] = taken
  const most = taken.at(-1)
  if (!drawn || !fixed || !smallest || !most) return
  console.log(`${page}: ${Buffer.byteLength(html)} bytes, ${rowsIn(html)} table rows`)
  console.table(
    Object.fromEntries(
      taken.map(({ name, perSecond, cpuMs }) => [
        name,
        {
          'requests/s': round(median(perSecond), 0),
          'of drawn floor': round(ratio(perSecond, drawn.perSecond)),
          'of fixed floor': round(ratio(perSecond, fixed.perSecond)),
          'CPU ms/request': round(median(cpuMs)),
        },
      ]),
    ),
  )
  verdict(
    `${page}, ${most.name}: requests/s of the drawn floor`,
    ratio(most.perSecond, drawn.perSecond),
    0.7,
    'at least',
  )
  for (const { name, perSecond } of larger)
    verdict(`${page}, ${name}: time of ${smallest.name}`, ratio(smallest.perSecond, perSecond), 1.3, 'at most')
}

interface Subject {
  name: string
  url: string
  cookie: string
  process: ChildProcess
}

/** Of what was taken in the same rounds. */
function ratio(one: readonly number[], other: readonly number[]): number {
  return median(one.map((value, index) => value / (other[index] ?? Number.NaN)))
}

function urlOf({ url, team }: BenchPanel, page: string): string {
  return `${url}/teams/${team.slug}${page}`
}

async function ask(panel: BenchPanel, page: string): Promise<string | null> {
  const response = await fetch(urlOf(panel, page), { headers: { cookie: panel.cookie } })
  if (response.status === 404) return null
  if (response.status !== 200) throw new Error(`${page} answered ${response.status}`)
  return response.text()
}

/** A page of the same size, all of it rows drawn from the database: half a row more or less. */
async function startDrawnFloor(of: (typeof panels)[number], page: string, html: string): Promise<Subject> {
  const empty = '<!doctype html><table><tbody></tbody></table>'
  const probe = await startFloor('probe', of, page, empty, 1)
  const bytesOfRow = Buffer.byteLength(await textOf(probe)) - empty.length
  await endChild(probe.process)
  const rows = Math.round((Buffer.byteLength(html) - empty.length) / bytesOfRow)
  const floor = await startFloor('drawn floor', of, page, empty, rows)
  const made = rowsIn(await textOf(floor))
  if (made !== rows) throw new Error(`The drawn floor of ${page} has ${made} rows instead of ${rows}`)
  return floor
}

/** Throws when what it makes is not the page: a floor with less in it would flatter nobody. */
async function startFixedFloor(of: (typeof panels)[number], page: string, html: string): Promise<Subject> {
  const floor = await startFloor('fixed floor', of, page, html, rowsIn(html))
  if (withoutAges(await textOf(floor)) !== withoutAges(html))
    throw new Error(`The fixed floor of ${page} makes other HTML than the panel`)
  return floor
}

async function startFloor(
  name: string,
  { databaseUrl, panel }: (typeof panels)[number],
  page: string,
  html: string,
  rows: number,
): Promise<Subject> {
  const port = await freePort()
  const htmlFile = join(folder, 'page.html')
  await writeFile(htmlFile, html)
  const child = await startNode(floorProgram, {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    TEAM: panel.team.id,
    PAGE: page,
    HTML_FILE: htmlFile,
    ROWS: String(rows),
    PORT: String(port),
  })
  return { name, url: `http://127.0.0.1:${port}/`, cookie: '', process: child }
}

async function textOf({ url }: Subject): Promise<string> {
  return (await fetch(url)).text()
}

/** In its body: the head of the table is a row too. */
function rowsIn(html: string): number {
  return (html.split('<tbody>')[1] ?? '').split('<tr').length - 1
}

/** `3 minutes ago` may be 4 by the time the other is asked. */
function withoutAges(html: string): string {
  return html.replaceAll(/data-ago>[^<]*</g, '')
}

async function load(
  subject: Subject,
  howMuch: { amount: number } | { duration: number },
): Promise<{ perSecond: number; cpuMs: number }> {
  const before = await cpuMsOf(subject.process)
  const result = await autocannon({ url: subject.url, connections, headers: { cookie: subject.cookie }, ...howMuch })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${subject.name}: ${result.non2xx} answers other than 200, ${result.errors} errors`)
  const cpuMs = ((await cpuMsOf(subject.process)) - before) / result.requests.total
  return { perSecond: result.requests.total / result.duration, cpuMs }
}
