import { hostname } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { newId } from '../../../server/platform/ids.js'
import { countWorkers, keepSayingAlive } from '../../../server/platform/workers/workers.js'
import { type TestServices, testServices } from '../../support/services.js'

let test: TestServices
beforeAll(async () => {
  test = await testServices()
})
afterAll(() => test.close())

const leaving: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const leave of leaving.splice(0)) await leave()
  await test.database.query('delete from workers')
})

async function start(): Promise<string> {
  const id = newId()
  leaving.push(keepSayingAlive(test.services, id))
  await expect.poll(seen).toContain(id)
  return id
}

const seen = async () => (await test.database.query('select id from workers')).map(({ id }) => id)

it('R25: a worker that starts takes the place of one that was killed on its machine, and of no other', async () => {
  for (const host of [hostname(), 'another'])
    await test.database.query('insert into workers values (uuidv7(), $1, now(), now())', [host])

  await start()

  expect(await test.services.db.asSystem(countWorkers)).toBe(2)
})

it('a second worker of one machine is counted as soon as both have said that they live', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const both = [await start(), await start()]

  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()

  await expect.poll(async () => (await seen()).sort()).toEqual(both.sort())
})
