import type { Services } from '../services.js'
import { eventsChannel } from './append.js'
import { catchUp, type EventReader } from './reader.js'

const sweepMs = 15_000

/**
 * Keeps a reader up to date for as long as the process lives: at each event, and from time to time for what nobody was
 * told of. Returns what ends it. A failure is the next turn's to mend, and holds up nobody else.
 */
export function follow(services: Services, reader: EventReader): () => Promise<void> {
  let isAsked = false
  let reading: Promise<void> | undefined

  async function readAll(): Promise<void> {
    while (isAsked) {
      isAsked = false
      await catchUp(services.db, reader).catch((error) =>
        services.log.warn({ err: error, reader: reader.name }, 'could not follow the events'),
      )
    }
  }
  // What is appended while it reads is read right afterwards.
  const read = (): void => {
    isAsked = true
    reading ??= readAll().finally(() => {
      reading = undefined
    })
  }

  const unsubscribe = services.signals.on(eventsChannel, read)
  const timer = setInterval(read, sweepMs)
  read()
  return async () => {
    unsubscribe()
    clearInterval(timer)
    isAsked = false
    await reading
  }
}
