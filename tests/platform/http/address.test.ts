import { expect, it } from 'vitest'
import { addressOf } from '../../../server/platform/http/address.js'

it.each([
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8::ffff:1', '2001:db8::ffff:1'],
  [undefined, null],
])('RL-03: is in one spelling however the panel listens: %s', (ip, address) => {
  expect(addressOf({ ip })).toBe(address)
})
