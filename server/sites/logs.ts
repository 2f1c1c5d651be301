import { instanceLogs, type LoggedInstance, maybeLiveInstance } from '../deploys/deploys.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { type LogLine, logEvent } from '../platform/http/log-lines.js'
import type { ServerEvent } from '../platform/http/sse.js'
import { siteHead } from './pages.js'
import { findSite } from './sites.js'

/** What the running instance prints, as it prints it. */

const shownLines = 500
const downloadedLines = 50_000
/** A reader who is slower than the program loses the middle, not the end. */
const mostWaiting = 5000
const readTimeoutMs = 15_000

/** The last lines, also without JavaScript; a server that does not answer is said on the page, not instead of it. */
export async function logsPage(ctx: TeamCtx, slug: string) {
  const head = await ctx.reading((tx) => siteHead(tx, slug))
  const instance = await live(ctx, head.row)
  const base = { ...head, instance: instance && { release: instance.release, port: instance.port } }
  if (!instance) return { ...base, lines: [], isAway: false }
  try {
    return { ...base, lines: await readLines(ctx, head.row, instance, shownLines), isAway: false }
  } catch (error) {
    ctx.services.log.info({ err: error, siteId: head.row.id }, 'could not read the log of an instance')
    return { ...base, lines: [], isAway: true }
  }
}

/** As text, for a download. */
export async function logText(ctx: TeamCtx, slug: string): Promise<string> {
  const site = await ctx.reading((tx) => findSite(tx, slug))
  const instance = await live(ctx, site)
  const lines = instance ? await readLines(ctx, site, instance, downloadedLines) : []
  return lines.map(({ at, text }) => `${at.toISOString()} ${text}\n`).join('')
}

async function readLines(ctx: TeamCtx, site: SitesRow, instance: LoggedInstance, lines: number): Promise<LogLine[]> {
  const host = await ctx.services.hosts.get(site.server_id)
  const numbered = numberer(ctx)
  const found: LogLine[] = []
  const onLine = (text: string, at: Date | null) => found.push(numbered(text, at))
  await instanceLogs(ctx.services, host, site, instance, {
    follow: false,
    lines,
    onLine,
    signal: AbortSignal.timeout(readTimeoutMs),
  })
  return found
}

/** Goes on with the next instance when a deploy has put another in its place. Ends when nothing runs. */
export async function followLogs(
  ctx: TeamCtx,
  slug: string,
  after: number,
  signal: AbortSignal,
): Promise<AsyncGenerator<ServerEvent>> {
  // Before the stream begins: once it has, a site that is not there could no longer be a 404.
  const site = await ctx.reading((tx) => findSite(tx, slug))
  return followSite(ctx, site, after, signal)
}

async function* followSite(
  ctx: TeamCtx,
  site: SitesRow,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const host = await ctx.services.hosts.get(site.server_id)
  const numbered = numberer(ctx)
  let seen: string | null = null
  while (!signal.aborted) {
    const instance = await live(ctx, site)
    if (!instance || instance.id === seen) return
    const waiting: LogLine[] = seen
      ? [{ ...numbered(`Release ${instance.release} now`, ctx.now()), stream: 'note' }]
      : []
    seen = instance.id
    yield* stream(waiting, signal, (onLine, stop) =>
      instanceLogs(ctx.services, host, site, instance, {
        follow: true,
        lines: shownLines,
        signal: stop,
        onLine: (text, at) => {
          const line = numbered(text, at)
          if (line.seq > after) onLine(line)
        },
      }),
    )
  }
}

/** Hands lines on in lists, as many as came since the last one was taken. */
async function* stream(
  waiting: LogLine[],
  signal: AbortSignal,
  run: (onLine: (line: LogLine) => void, stop: AbortSignal) => Promise<void>,
): AsyncGenerator<ServerEvent> {
  const stop = new AbortController()
  let wake = () => {}
  let isOver = false
  const tell = () => wake()
  signal.addEventListener('abort', tell)
  const running = run(
    (line) => {
      waiting.push(line)
      if (waiting.length > mostWaiting) waiting.shift()
      tell()
    },
    AbortSignal.any([signal, stop.signal]),
  ).finally(() => {
    isOver = true
    tell()
  })
  // Reported where it is awaited below; until then nobody else may take it for lost.
  running.catch(() => undefined)
  try {
    while (!signal.aborted) {
      if (waiting.length > 0) yield logEvent(waiting.splice(0))
      else if (isOver) break
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    if (!signal.aborted) await running
  } finally {
    signal.removeEventListener('abort', tell)
    stop.abort()
  }
}

const live = (ctx: TeamCtx, site: SitesRow): Promise<LoggedInstance | null> =>
  ctx.reading((tx) => maybeLiveInstance(tx, site.id))

/** Numbers follow the time of a line, so that a reader who comes back is not told twice. */
function numberer(ctx: TeamCtx): (text: string, at: Date | null) => LogLine {
  let last = 0
  return (text, at) => {
    const time = at ?? ctx.now()
    last = Math.max(last + 1, time.getTime() * 100)
    return { seq: last, at: time, stream: 'out', text }
  }
}
