import { once } from 'node:events'
import type { Response } from 'express'

/** `id` is what the browser sends back as `Last-Event-ID` when it reconnects. */
export interface ServerEvent {
  readonly id?: string | number
  readonly event?: string
  readonly data: string
}

export interface StreamOptions {
  readonly signal: AbortSignal
  /** Asked at each heartbeat; a throw ends the stream, so a removed member sees nothing more (AZ-09). */
  readonly stillAllowed: () => Promise<unknown>
  /** Calls when something was taken away from somebody, so that it is asked at once; returns what ends that. */
  readonly onDoubt?: (ask: () => void) => () => void
  readonly heartbeatMs?: number
}

/** So much later, for many changes may come together. */
const doubtMs = 100

/**
 * Sends events until the iterable ends or the reader hangs up, no faster than the reader reads. The last event is
 * `end`: without it the browser would reconnect for ever to work that is over.
 */
export async function sendEvents(
  res: Response,
  events: AsyncIterable<ServerEvent>,
  options: StreamOptions,
): Promise<void> {
  res.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
  res.flushHeaders()
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const ask = (): void => void options.stillAllowed().catch(() => stop.abort())
  // A comment keeps proxies from closing a quiet stream; a reader that is behind needs no sign of life.
  const heartbeat = setInterval(() => {
    if (!res.writableNeedDrain) res.write(': still here\n\n')
    ask()
  }, options.heartbeatMs ?? 4000)
  const doubts = askSoon(ask, options.onDoubt)
  try {
    await write(res, 'retry: 2000\n\n', signal)
    for await (const event of until(signal, events)) await write(res, formatEvent(event), signal)
    if (!signal.aborted) res.write('event: end\ndata:\n\n')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(heartbeat)
    doubts.end()
    res.end()
  }
}

/** However many doubts come together, it is asked once for them; a lost one is made up for by the heartbeat. */
function askSoon(ask: () => void, onDoubt: StreamOptions['onDoubt']): { end(): void } {
  let soon: NodeJS.Timeout | undefined
  const unsubscribe = onDoubt?.(() => {
    soon ??= setTimeout(() => {
      soon = undefined
      ask()
    }, doubtMs)
  })
  return {
    end: () => {
      clearTimeout(soon)
      unsubscribe?.()
    },
  }
}

/** One event as the wire has it. Line breaks in the data become several `data:` lines, so no text can forge a field. */
export function formatEvent(event: ServerEvent): string {
  const fields = [
    ...(event.id === undefined ? [] : [`id: ${oneLine(String(event.id))}`]),
    ...(event.event === undefined ? [] : [`event: ${oneLine(event.event)}`]),
    ...event.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}`),
  ]
  return `${fields.join('\n')}\n\n`
}

async function write(res: Response, text: string, signal: AbortSignal): Promise<void> {
  if (!res.write(text)) await once(res, 'drain', { signal })
}

/** The iterable's items, ending as soon as `signal` does even while the next one is still awaited. */
async function* until<T>(signal: AbortSignal, items: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = items[Symbol.asyncIterator]()
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted')
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next === 'aborted' || next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: a generator that is asleep answers `return` only when it wakes, and `signal` is what wakes it.
    iterator.return?.()?.catch(() => {})
  }
}

const oneLine = (text: string) => text.replaceAll(/[\r\n\0]/g, ' ')
