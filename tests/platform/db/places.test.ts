import { expect, it } from 'vitest'
import { makePlaces } from '../../../server/platform/db/places.js'

/** Work that ends when the test says so. */
function held() {
  let end = (_fails?: Error) => {}
  const done = new Promise<string>((resolve, reject) => {
    end = (fails) => (fails ? reject(fails) : resolve('done'))
  })
  return { work: () => done, end: (fails?: Error) => end(fails) }
}

it('lets so many in at once, and the others as places come free, in their order', async () => {
  const places = makePlaces(2, 10_000)
  const [first, second] = [held(), held()]
  const order: string[] = []
  const all = [first.work, second.work].map((work) => places(work))
  const late = ['third', 'fourth'].map((name) => places(async () => order.push(name)))
  await Promise.resolve()
  expect(order).toEqual([])

  first.end()
  await Promise.all(late)
  expect(order).toEqual(['third', 'fourth'])

  second.end()
  expect(await Promise.all(all)).toEqual(['done', 'done'])
})

it('gives the place of work that failed to the next', async () => {
  const places = makePlaces(1, 10_000)
  const first = held()
  const failed = places(first.work)
  const next = places(async () => 'mine')

  first.end(new Error('It broke'))

  await expect(failed).rejects.toThrow('It broke')
  expect(await next).toBe('mine')
})

it('turns away whoever waited too long, and takes nothing from who comes afterwards', async () => {
  const places = makePlaces(1, 20)
  const first = held()
  const slow = places(first.work)

  await expect(places(async () => 'never')).rejects.toMatchObject({ status: 503 })

  first.end()
  await slow
  expect(await places(async () => 'mine')).toBe('mine')
})
