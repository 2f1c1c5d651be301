import { setImmediate as soon } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { together } from '../../server/platform/together.js'

describe('what is asked together', () => {
  it('asks at once for who comes first, and in one question for all who come while it is on its way', async () => {
    const { asked, find, answer } = desk()

    const first = find('a')
    const others = [find('b'), find('c'), find('b')]
    expect(asked).toEqual([['a']])
    await answer()
    await answer()

    expect(await first).toBe('A')
    expect(await Promise.all(others)).toEqual(['B', 'C', 'B'])
    expect(asked).toEqual([['a'], ['b', 'c', 'b']])
  })

  it('AZ-09: gives nobody an answer that was on its way before they asked', async () => {
    let role = 'owner'
    const answers: (() => void)[] = []
    const find = together((keys: readonly string[]) => {
      const read = role
      return new Promise<string[]>((resolve) => answers.push(() => resolve(keys.map(() => read))))
    })

    const before = find('ada')
    role = 'viewer'
    const after = find('ada')
    for (let number = 0; number < 2; number++) {
      answers.shift()?.()
      await soon()
    }

    expect(await before).toBe('owner')
    expect(await after).toBe('viewer')
  })

  it('tells all who were in a question that failed, and asks the next', async () => {
    let isBroken = true
    const find = together(async (keys: readonly string[]) => {
      await soon()
      if (isBroken) throw new Error('The database is away')
      return keys
    })

    await expect(find('a')).rejects.toThrow('away')
    isBroken = false
    expect(await find('b')).toBe('b')
  })
})

/** Asks by letters, and answers when told to. */
function desk() {
  const asked: (readonly string[])[] = []
  const waiting: (() => void)[] = []
  const find = together((keys: readonly string[]) => {
    asked.push(keys)
    return new Promise<string[]>((resolve) => waiting.push(() => resolve(keys.map((key) => key.toUpperCase()))))
  })
  const answer = async () => {
    waiting.shift()?.()
    await soon()
  }
  return { asked, find, answer }
}
