import { expect, it } from 'vitest'
import { choosePort } from '../../server/sites/rules.js'

const upTo = (last: number) => new Set(Array.from({ length: last - 9_999 }, (_, index) => 10_000 + index))

it('gives a site the lowest port that nobody has and that browsers open', () => {
  expect(choosePort(new Set())).toBe(10_000)
  expect(choosePort(upTo(10_005))).toBe(10_006)
  expect(choosePort(upTo(10_079))).toBe(10_081)
  expect(choosePort(upTo(19_999))).toBeNull()
})
