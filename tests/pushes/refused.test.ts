import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outsideTeams } from '../../server/platform/events/event.js'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { allRows } from '../security/rows.js'
import { needs } from '../support/parts.js'
import { type PushWorld, pushOf, pushWorld } from '../support/push-world.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis, type TestRedis } from '../support/redis.js'

describe.skipIf(!needs('redis'))('a delivery with a wrong signature', () => {
  let redis: TestRedis
  let client: Redis
  let w: PushWorld
  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
    w = await pushWorld()
    await w.services.queue.close()
    const bull = bullClasses(redisStore(redis))
    const queue = createQueue(openQueues(bull))
    Object.assign(w.services, { queue })
  })
  afterAll(async () => {
    await w.close()
    client.disconnect()
    await redis.stop()
  })

  /** All rows but the counts of refusals, and all keys. */
  async function everything() {
    const { refused_deliveries: _refused, ...rows } = await allRows(w)
    const keys = (await client.keys('*')).sort()
    return {
      rows,
      keys: await Promise.all(keys.map(async (key) => [key, (await client.dumpBuffer(key))?.toString('hex')])),
    }
  }
  const toldOf = (type = 'delivery.refused') =>
    w.test.query('select team_id, subject_kind, subject_name, address from events where type = $1', [type])
  const counts = () => w.test.query('select why, count from refused_deliveries')

  it('WH-08: changes nothing in the database and nothing in Redis, but is counted', async () => {
    await w.site()
    const secret = await w.connect()
    await w.deliver(secret, pushOf())
    // It rings twice, and the second finds the job of the first.
    const events = () => client.xrange('hostler:short:events', '-', '+')
    await expect.poll(async () => (await events()).flat(2), { timeout: 5000 }).toContain('duplicated')
    await w.judgeAll()
    const before = await everything()

    for (const headers of [{}, { 'x-hub-signature-256': '' }, { 'x-github-event': 'installation' }])
      expect((await w.deliver('another secret', pushOf(), headers)).status).toBe(401)
    expect((await w.deliver('', pushOf())).status).toBe(401)

    expect(await everything()).toEqual(before)
    expect(await counts()).toEqual([{ why: 'bad-signature', count: 4 }])
    expect(await toldOf()).toMatchObject([
      { team_id: w.acme.id, subject_kind: 'connection', address: expect.anything() },
    ])
  })

  it('LG-06: is told to the operator alone where no team has connected the repository', async () => {
    await w.test.query('truncate events, event_heads, refusals')
    await w.test.query('delete from repository_connections')
    for (let time = 0; time < 3; time++) expect((await w.deliver('another secret', pushOf())).status).toBe(401)
    expect((await fetch(`${w.panel.url}/deploy-hooks/guessed`, { method: 'POST' })).status).toBe(404)

    expect(await toldOf()).toMatchObject([{ team_id: outsideTeams, subject_kind: 'delivery', subject_name: 'github' }])
    expect(await toldOf('deploy-hook.refused')).toHaveLength(1)
  })
})
