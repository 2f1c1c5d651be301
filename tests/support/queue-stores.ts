import type { QueueStore } from '../../server/platform/queue/backend.js'
import { Secret } from '../../server/platform/secret.js'
import { freshDatabase } from './database.js'
import { startRedis } from './redis.js'

type Open = () => Promise<{ store: QueueStore; stop(): Promise<void> }>

const onPostgres: Open = async () => {
  const test = await freshDatabase()
  return { store: { kind: 'postgres', loginUrl: test.loginUrl }, stop: () => test.close() }
}

const onRedis: Open = async () => {
  const redis = await startRedis()
  return { store: redisStore(redis), stop: () => redis.stop() }
}

export const redisStore = ({ url }: { url: string }): QueueStore => ({
  kind: 'redis',
  url: new Secret(url),
  prefix: 'hostler',
})

/** Each place that a queue may live in, and the parts that it takes. */
export const queueStores: readonly [name: string, open: Open, parts: readonly string[]][] = [
  ['PostgreSQL', onPostgres, []],
  ['Redis', onRedis, ['redis']],
]
