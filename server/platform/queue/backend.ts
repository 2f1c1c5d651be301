import { createRequire } from 'node:module'
import type { Queue as BullQueue, Worker } from 'bullmq'
import pg from 'pg'
import type { Secret } from '../secret.js'
import type { Lane } from './job.js'

/** Required, because it is CommonJS: to import it, Node first reads all its 170 files for their names, in 0.2 s a process. */
const bullmq = createRequire(import.meta.url)('bullmq') as typeof import('bullmq')

/**
 * BullMQ on PostgreSQL, so that nothing but Node has to be installed, or on Redis, which takes more jobs a second and
 * more machines. Both answer to the same classes.
 */
export type QueueStore = { kind: 'postgres'; loginUrl: string } | { kind: 'redis'; url: Secret; prefix: string }

export interface BullClasses {
  makeQueue(name: string): BullQueue
  makeWorker(name: string, run: ConstructorParameters<typeof Worker>[1], options: WorkerOptions): Worker
}

export interface WorkerOptions {
  concurrency: number
}

/** A killed worker's job is handed out again; the rows decide whether there is still something to do. */
const stalls = { maxStalledCount: 20, stalledInterval: 15_000, lockDuration: 30_000 }

/** @param onError is told of lost connections; they are made again by themselves */
export function bullClasses(store: QueueStore, onError: (error: Error) => void = () => undefined): BullClasses {
  const classes = store.kind === 'postgres' ? onPostgres(store.loginUrl) : onRedis(store)
  return { ...classes, makeQueue: (name) => classes.makeQueue(name).on('error', onError) }
}

function onPostgres(loginUrl: string): BullClasses {
  const { Queue, Worker } = bullmq.withBackend(bullmq.createPostgresBackend)
  const connection = { connectionString: loginUrl, options: '-c role=hostler_queue', max: 3, keepAlive: true }
  return {
    // The classes differ only in the backend's type, which nothing here looks at.
    makeQueue: (name) => new Queue(name, { connection }) as unknown as BullQueue,
    makeWorker: (name, run, options) =>
      new Worker(name, run as never, { connection, autorun: false, ...stalls, ...options }) as unknown as Worker,
  }
}

function onRedis({ url, prefix }: { url: Secret; prefix: string }): BullClasses {
  // Words for connections rather than connections: BullMQ closes only those that it made, and one that is open keeps a
  // process from ending. A Redis that is back is found within two seconds.
  const retryStrategy = (times: number) => Math.min(times * 50, 2000)
  const consumer = { url: url.reveal(), retryStrategy, maxRetriesPerRequest: null }
  // A request must not wait for a Redis that is away: the row is written, and the sweep rings later.
  const producer = { ...consumer, enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: 2000 }
  return {
    makeQueue: (name) => new bullmq.Queue(name, { connection: producer, prefix }),
    makeWorker: (name, run, options) =>
      new bullmq.Worker(name, run, { connection: consumer, prefix, autorun: false, ...stalls, ...options }),
  }
}

export type Queues = Record<Lane, BullQueue>

export const openQueues = ({ makeQueue }: Pick<BullClasses, 'makeQueue'>): Queues => ({
  operations: makeQueue('operations'),
  short: makeQueue('short'),
  slow: makeQueue('slow'),
})

/** BullMQ's own tables, in a schema of their own that only the queue's role may use. */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await bullmq.runMigrations(client)
    // It makes one sequence a queue by itself, when the first job is added.
    await client.query('grant usage, create on schema bullmq to hostler_queue')
    for (const kind of ['tables', 'sequences', 'functions']) {
      await client.query(`grant all on all ${kind} in schema bullmq to hostler_queue`)
    }
  } finally {
    await client.end()
  }
}
