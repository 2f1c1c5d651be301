import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizer } from '../../server/authorizer.js'
import { openDatabase } from '../../server/platform/db/doors.js'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { password, type World, world } from '../support/people.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { eventually } from '../support/sites.js'

const patienceMs = 1500

describe.skipIf(!needs('redis'))('R12: more slow pages than there are connections, with the queue in Redis', () => {
  let redis: TestRedis
  let w: World
  let panel: TestPanel
  let owner: pg.Client
  beforeAll(async () => {
    redis = await startRedis()
    w = await world()
    const bull = bullClasses(redisStore(redis))
    await w.services.queue.close()
    await w.services.db.close()
    const queue = createQueue(openQueues(bull))
    Object.assign(w.services, { db: openDatabase(w.test.loginUrl, { patienceMs }), queue })
    Object.assign(w, { authorizer: createAuthorizer(w.services) })
    panel = await startTestPanel(w)
    owner = new pg.Client({ connectionString: w.test.ownerUrl })
    await owner.connect()
  })
  afterAll(async () => {
    await owner.end()
    await panel.close()
    await w.services.db.close()
    await w.close()
    await redis.stop()
  })

  it('wait for so long and no longer, while signing in, health and webhooks go on', async () => {
    await owner.query('begin; lock table sites in access exclusive mode')
    const began = performance.now()
    let ended = 0
    const pages = Array.from({ length: 15 }, async () => {
      const { status, text } = await panel.browser(w.people.owner.cookie).get('/teams/acme/sites')
      ended++
      return { status, text, ms: performance.now() - began }
    })

    expect((await fetch(`${panel.url}/healthz`)).status).toBe(200)
    expect(await (await fetch(`${panel.url}/readyz`)).json()).toMatchObject({ status: 'ok' })
    const visitor = panel.browser()
    await visitor.get('/sign-in')
    expect((await visitor.post('/sign-in', { email: w.people.viewer.email, password })).status).toBe(303)
    const stranger = { method: 'POST', headers: { 'x-github-delivery': '1', 'x-github-event': 'push' }, body: '{}' }
    expect((await fetch(`${panel.url}/webhooks/github`, stranger)).status).toBe(401)
    const first = await Promise.race(pages)
    expect(first).toMatchObject({ status: 503, text: expect.stringContaining('The database has too much to do') })
    expect(first.ms).toBeGreaterThan(patienceMs - 100)

    await eventually('all but those with a connection to be turned away', async () => ended === 8, 10_000)
    await owner.query('commit')
    const statuses = (await Promise.all(pages)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(7)
    expect(statuses.filter((status) => status === 503)).toHaveLength(8)
    expect((await panel.browser(w.people.owner.cookie).get('/teams/acme/sites')).status).toBe(200)
  })
})
