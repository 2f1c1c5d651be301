import pg from 'pg'

/**
 * LISTEN in one connection a process. A signal is only a hint to look at the rows: after a lost connection every listener
 * is called once, because signals may have been missed.
 */
export interface Signals {
  /** @returns ends the subscription */
  on(channel: string, listener: (payload: string | null) => void): () => void
  close(): Promise<void>
}

const retryMs = 1000

export function openSignals(url: string, onError: (error: unknown) => void): Signals {
  const listeners = new Map<string, Set<(payload: string | null) => void>>()
  let client: pg.Client | null = null
  let connecting: Promise<void>
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'hostler signals',
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
    fresh.on('error', onError)
    fresh.on('end', reconnect)
    fresh.on('notification', ({ channel, payload }) => tell(channel, payload ?? null))
    await fresh.connect()
    // One that is made too late would keep the process from ending.
    if (isClosed) return await fresh.end()
    client = fresh
    for (const channel of listeners.keys()) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`)
    for (const channel of listeners.keys()) tell(channel, null)
  }

  const tell = (channel: string, payload: string | null): void => {
    for (const listener of listeners.get(channel) ?? []) listener(payload)
  }

  function reconnect(): void {
    client = null
    if (isClosed || retry) return
    retry = setTimeout(() => {
      retry = undefined
      begin()
    }, retryMs)
    retry.unref()
  }

  function begin(): void {
    connecting = connect().catch((error) => {
      onError(error)
      reconnect()
    })
  }
  begin()

  return {
    on(channel, listener) {
      const known = listeners.get(channel)
      const group = known ?? new Set()
      group.add(listener)
      listeners.set(channel, group)
      if (!known && client) client.query(`listen ${client.escapeIdentifier(channel)}`).catch(onError)
      return () => void group.delete(listener)
    },
    async close() {
      isClosed = true
      clearTimeout(retry)
      await connecting
      await client?.end()
    },
  }
}
