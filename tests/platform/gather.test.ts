import { describe, expect, it } from 'vitest'
import { gather } from '../../server/platform/gather.js'

const limits = { most: 3, mostWeight: 10, weigh: (item: number) => item }

describe('gathering', () => {
  it('does at once what is asked alone, and together what is asked meanwhile', async () => {
    const batches: number[][] = []
    const ask = gather(async (items: readonly number[]) => {
      batches.push([...items])
      await new Promise(setImmediate)
      return items.map((item) => item * 2)
    }, limits)

    const answers = await Promise.all([1, 2, 3, 4, 5].map(ask))

    expect(answers).toEqual([2, 4, 6, 8, 10])
    expect(batches).toEqual([[1], [2, 3, 4], [5]])
    expect(await ask(7)).toBe(14)
  })

  it('keeps each batch within its weight, and lets what is too heavy go alone', async () => {
    const batches: number[][] = []
    const ask = gather(async (items: readonly number[]) => {
      batches.push([...items])
      await new Promise(setImmediate)
      return items
    }, limits)

    await Promise.all([1, 6, 5, 40, 1].map(ask))

    expect(batches).toEqual([[1], [6], [5], [40], [1]])
  })

  it('lets only that fail which cannot be done', async () => {
    const ask = gather(async (items: readonly number[]) => {
      await new Promise(setImmediate)
      if (items.includes(3)) throw new Error('not three')
      return items
    }, limits)

    const answers = await Promise.allSettled([1, 2, 3, 4].map(ask))

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('AZ-09: gives nobody an answer that was on its way before they asked', async () => {
    let role = 'owner'
    const answers: (() => void)[] = []
    const find = gather(
      (names: readonly string[]) => {
        const read = role
        return new Promise<string[]>((resolve) => answers.push(() => resolve(names.map(() => read))))
      },
      { most: 100 },
    )

    const before = find('ada')
    role = 'viewer'
    const after = find('ada')
    for (let number = 0; number < 2; number++) {
      answers.shift()?.()
      await new Promise(setImmediate)
    }

    expect(await before).toBe('owner')
    expect(await after).toBe('viewer')
  })

  it('tells all of a batch that failed together at once, and asks the next', async () => {
    const batches: number[][] = []
    const ask = gather(
      async (items: readonly number[]) => {
        batches.push([...items])
        await new Promise(setImmediate)
        if (items.includes(3)) throw new Error('The database is away')
        return items
      },
      { most: 3, failsTogether: true },
    )

    const answers = await Promise.allSettled([1, 2, 3, 4].map(ask))

    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(batches).toEqual([[1], [2, 3, 4]])
    expect(await ask(5)).toBe(5)
  })
})
