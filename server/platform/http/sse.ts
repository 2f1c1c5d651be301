import { once } from 'node:events'
import type { Response } from 'express'
import { type Right, watchRight } from './still-allowed.js'

/** `id` is what the browser sends back as `Last-Event-ID` when it reconnects. */
export interface ServerEvent {
  readonly id?: string | number
  readonly event?: string
  readonly data: string
}

export interface StreamOptions extends Omit<Right, 'everyMs'> {
  readonly signal: AbortSignal
  readonly heartbeatMs?: number
}

const usualHeartbeatMs = 4000

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
  const { heartbeatMs = usualHeartbeatMs } = options
  const watch = watchRight({ ...options, everyMs: heartbeatMs })
  const signal = AbortSignal.any([options.signal, watch.signal])
  // A comment keeps proxies from closing a quiet stream; a reader that is behind needs no sign of life.
  const heartbeat = setInterval(() => void (res.writableNeedDrain || res.write(': still here\n\n')), heartbeatMs)
  try {
    await write(res, 'retry: 2000\n\n', signal)
    for await (const event of until(signal, events)) await write(res, formatEvent(event), signal)
    if (!signal.aborted) res.write('event: end\ndata:\n\n')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(heartbeat)
    watch.end()
    res.end()
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
