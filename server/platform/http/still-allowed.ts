/** Of an answer that takes long: whether its reader may go on reading. */
export interface Right {
  /** Asked every few seconds; a throw says no. */
  readonly stillAllowed: () => Promise<unknown>
  /** Calls when something was taken away from somebody, so that it is asked at once; returns what ends that. */
  readonly onDoubt?: (ask: () => void) => () => void
  readonly everyMs?: number
}

export interface Watch {
  /** Ends when the reader may no longer. */
  readonly signal: AbortSignal
  end(): void
}

/** So much later, for many changes may come together. */
const doubtMs = 100

/** Watches until `end` is called, so a removed member sees nothing more within seconds (AZ-09). */
export function watchRight({ stillAllowed, onDoubt, everyMs = 4000 }: Right): Watch {
  const stop = new AbortController()
  const ask = (): void => void stillAllowed().catch(() => stop.abort())
  const heartbeat = setInterval(ask, everyMs)
  const doubts = askSoon(ask, onDoubt)
  return {
    signal: stop.signal,
    end: () => {
      clearInterval(heartbeat)
      doubts.end()
    },
  }
}

/** However many doubts come together, it is asked once for them; a lost one is made up for by the next regular question. */
function askSoon(ask: () => void, onDoubt: Right['onDoubt']): { end(): void } {
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
