import { afterAll, beforeAll, expect, it } from 'vitest'
import { pruneDeliveriesHandler } from '../../jobs/pushes/prune-deliveries.js'
import { recurring } from '../../jobs/schedule.js'
import { days } from '../support/clock.js'
import { type PushWorld, pushOf, pushWorld, sha } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())

it('deliveries and counts of refusals are kept for 30 days, and no longer, by a job that comes round', async () => {
  const { slug } = await w.site()
  const secret = await w.connect()
  const push = async (letter: string) => {
    await w.deliver(secret, pushOf({ after: sha(letter) }))
    await w.deliver('another secret', pushOf())
    await w.judgeAll()
  }
  const prune = () => pruneDeliveriesHandler.run({}, { services: w.services, signal: new AbortController().signal })
  const kept = async () => ({
    commits: (await w.api('viewer', 'GET', '/deliveries')).json.items.map(
      (item: { commitSha: string }) => item.commitSha,
    ),
    verdicts: (await w.verdicts()).length,
    refused: (await w.test.query('select 1 from refused_deliveries')).length,
  })

  await push('a')
  w.clock.advance(days(30) - 60_000)
  await push('b')
  await prune()
  expect(await kept()).toEqual({ commits: [sha('b'), sha('a')], verdicts: 2, refused: 2 })

  w.clock.advance(3600_000)
  await prune()
  expect(await kept()).toEqual({ commits: [sha('b')], verdicts: 1, refused: 1 })
  expect((await w.api('viewer', 'GET', `/sites/${slug}/deploys`)).json.items).toHaveLength(1)

  w.clock.advance(days(30))
  await prune()
  expect(await kept()).toEqual({ commits: [], verdicts: 0, refused: 0 })
  expect(recurring.map(({ job }) => job)).toContain(pruneDeliveriesHandler.job)
})
