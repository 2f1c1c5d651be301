import type { Pool, PoolClient, QueryConfig } from 'pg'
import { prepared } from './prepared.js'

/** As much of a connection as a query of knex needs that is handed one by `.connection()`. */
export interface Connection {
  query(query: QueryConfig, answered: (error: Error | null, answer?: unknown) => void): void
}

/**
 * In a transaction that only reads, PostgreSQL refuses every change. One of a single statement is committed in the same
 * packet with it; there is no second.
 */
export type Mode = 'read write' | 'read only' | 'one statement'

/**
 * One transaction. It is committed once `work` has resolved, and else rolled back; rejects with what `work` rejected with,
 * or with what kept the transaction from being opened or committed.
 *
 * A request opens several, and each message to PostgreSQL that is waited for costs as much as a small query. So nobody
 * waits for `begin` and `opening`: PostgreSQL takes messages in order, and when they fail it refuses what stands behind.
 * Nor does anybody wait for the commit of what was only read: it has nothing to lose.
 * @param opening statements without parameters, for the beginning of the transaction
 */
export async function transact<T>(
  pool: Pool,
  opening: string,
  work: (connection: Connection) => Promise<T>,
  mode: Mode = 'read write',
): Promise<T> {
  const client = await pool.connect()
  let isOver = false
  let committed: Promise<unknown> | undefined
  const connection: Connection = {
    query(query, answered) {
      // By now the connection may be in a transaction of another team.
      if (isOver) return answered(new Error('This transaction is over: await each of its queries inside of it'))
      void client.query(prepared(query), answered)
      if (mode !== 'one statement') return
      isOver = true
      committed = client.query('commit')
      // It is awaited below, if the statement did not fail.
      committed.catch(() => undefined)
    },
  }

  const opened = sendWithNext(client, `begin ${mode === 'read only' ? mode : 'read write'}; ${opening}`)
  try {
    const result = await work(connection)
    isOver = true
    if (mode === 'read only') commitLater(client)
    else {
      await opened
      await (committed ?? client.query('commit'))
    }
    client.release()
    return result
  } catch (error) {
    isOver = true
    // A connection that cannot even roll back is thrown away.
    await client.query('rollback').then(
      () => client.release(),
      (reason: Error) => client.release(reason),
    )
    throw await opened.then(
      () => error,
      (reason: unknown) => reason,
    )
  }
}

/** In one packet with the first query: that is written before the next tick, since all until then are settled promises. */
function sendWithNext(client: PoolClient, sql: string): Promise<unknown> {
  const { stream } = client.connection
  stream.cork()
  commitNow.get(client)?.()
  process.nextTick(() => stream.uncork())
  const answer = client.query(sql)
  // It is awaited later; until then nobody would be there to hear of it.
  answer.catch(() => undefined)
  return answer
}

/** Commits that wait for company, each at most so long. */
const commitNow = new WeakMap<PoolClient, () => void>()
const commitWithinMs = 5

/**
 * In one packet with the next transaction on the connection, which on a busy panel is begun at once: to wake PostgreSQL
 * for a commit alone costs as much as a small query.
 */
function commitLater(client: PoolClient): void {
  const { stream } = client.connection
  const send = () => {
    clearTimeout(timer)
    commitNow.delete(client)
    stream.uncork()
  }
  const timer = setTimeout(send, commitWithinMs)
  commitNow.set(client, send)
  stream.cork()
  client.query('commit').catch(() => undefined)
}
