import { expect, it } from 'vitest'
import { TeamCtx } from '../../../server/platform/access/ctx.js'
import { append } from '../../../server/platform/events/append.js'
import { follow } from '../../../server/platform/events/follow.js'
import { testServices } from '../../support/services.js'

it('follows the log from where it was: what is there, what comes, and again what failed', async () => {
  const test = await testServices()
  const ctx = TeamCtx.system(test.services, test.team)
  const say = () =>
    ctx.transaction((tx) => append(tx, { type: 'team.created', subject: { kind: 'team', id: test.team.id } }))
  const seen: number[] = []
  let fails = false
  await say()

  const stop = follow(test.services, {
    name: 'test',
    handle: async ({ sequence }) => {
      if (fails) throw new Error('not now')
      seen.push(sequence)
    },
  })
  await expect.poll(() => seen).toEqual([1])
  await say()
  await expect.poll(() => seen).toEqual([1, 2])
  fails = true
  await say()
  fails = false
  await say()
  await expect.poll(() => seen).toEqual([1, 2, 3, 4])

  await stop()
  await say()
  expect(seen).toHaveLength(4)
  await test.close()
})
