import { describe, expect, test } from 'vitest'
import { isLts } from '../../../server/deploys/node-versions/lts.js'
import { npmLineFor } from '../../../server/deploys/node-versions/npm-line.js'
import { maybeNode, resolveNode } from '../../../server/deploys/node-versions/resolve.js'
import { nodeWish } from '../../../server/deploys/node-versions/wish.js'

const now = new Date('2026-11-21T00:00:00Z')
const versions = [
  '18.20.8',
  '20.19.5',
  '20.20.2',
  '22.22.0',
  '22.23.3',
  '23.11.1',
  '24.21.0',
  '25.9.0',
  '26.10.0',
  '27.0.0-rc.1',
]
const offer = { versions, now }
const wish = (text: string) => ({ text, from: '.nvmrc' })

describe('resolveNode', () => {
  test.each([
    ['20', '20.20.2'],
    ['v20', '20.20.2'],
    ['20.19', '20.19.5'],
    ['20.19.5', '20.19.5'],
    ['v22.22.0', '22.22.0'],
    ['^22.22', '22.23.3'],
    ['>=18', '26.10.0'],
    ['>=18 <24', '22.23.3'],
    ['18 || 20', '20.20.2'],
    ['23.x', '23.11.1'],
    ['>22 <24', '23.11.1'],
    ['*', '26.10.0'],
    ['node', '26.10.0'],
    ['stable', '26.10.0'],
    ['lts/*', '26.10.0'],
    ['LTS/Iron', '20.20.2'],
    ['lts/jod', '22.23.3'],
    ['lts/-1', '24.21.0'],
  ])('%s is %s', (text, version) => {
    expect(resolveNode(wish(text), offer)).toBe(version)
  })

  test('without a wish it is the newest long-term line', () => {
    expect(resolveNode(null, offer)).toBe('26.10.0')
    expect(resolveNode(null, { versions, now: new Date('2026-10-01T00:00:00Z') })).toBe('24.21.0')
  })

  test.each(['99', '20.99.0', 'lts/zinc', 'lts/constructor', 'iojs', '27', '$(id)', 'lts/-99'])(
    '%s cannot be had',
    (text) => {
      expect(maybeNode(wish(text), offer)).toBeNull()
    },
  )

  test('says who asks for what cannot be had, and what can', () => {
    expect(() => resolveNode(wish('99'), offer)).toThrow(
      expect.objectContaining({
        status: 422,
        message: 'Node 99 cannot be had; .nvmrc asks for it',
        hint: 'Ask for one of these: 26.10.0, 25.9.0, 24.21.0, 23.11.1, 22.23.3, 20.20.2.',
      }),
    )
  })
})

describe('nodeWish', () => {
  const nothing = { setting: null, nvmrc: null, nodeVersionFile: null, engines: null }

  test('takes the most deliberate of all that ask', () => {
    const all = { setting: '24', nvmrc: '22', nodeVersionFile: '20', engines: '>=18' }

    expect(nodeWish(all)).toEqual({ text: '24', from: "the site's settings" })
    expect(nodeWish({ ...all, setting: '' })).toEqual({ text: '22', from: '.nvmrc' })
    expect(nodeWish({ ...all, setting: null, nvmrc: null })).toEqual({ text: '20', from: '.node-version' })
    expect(nodeWish({ ...nothing, engines: '>=18' })).toEqual({ text: '>=18', from: 'engines.node in package.json' })
    expect(nodeWish(nothing)).toBeNull()
  })

  test('reads past comments and empty lines', () => {
    expect(nodeWish({ ...nothing, nvmrc: '\n# ours\n  v22.1.0  # exact\r\n' })?.text).toBe('v22.1.0')
    expect(nodeWish({ ...nothing, nvmrc: '# nothing\n', engines: '20' })?.from).toBe('engines.node in package.json')
  })
})

test('a line is long-term from its October on', () => {
  expect(isLts('24.0.0', new Date('2025-10-27T00:00:00Z'))).toBe(false)
  expect(isLts('24.0.0', new Date('2025-10-28T00:00:00Z'))).toBe(true)
  expect(isLts('25.0.0', now)).toBe(false)
  expect(isLts('27.0.0', new Date('2027-11-01T00:00:00Z'))).toBe(true)
})

test.each([
  ['24.21.0', '11'],
  ['22.23.0', '10'],
  ['18.16.0', '9'],
  ['16.20.2', '8'],
  ['10.0.0', '6'],
])('Node %s gets npm %s', (node, npm) => {
  expect(npmLineFor(node)).toBe(npm)
})
