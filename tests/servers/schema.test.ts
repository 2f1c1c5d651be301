import { describe, expect, it } from 'vitest'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { keyFor } from '../../server/servers/keys.js'
import { NewServer } from '../../server/servers/schema.js'
import { hostileTexts, named } from '../support/hostile-texts.js'

const overSsh = { kind: 'ssh', name: 'web 1', address: 'web-1', port: 22, user: 'deploy', key: 'generate' }
const parse = (changes: Record<string, unknown>) => NewServer.safeParse({ ...overSsh, ...changes })

describe('what is said about a new server', () => {
  it.each(named(hostileTexts))('CI-01: %j is no address, user, port, kind or key', (_, text) => {
    for (const field of ['address', 'user', 'port', 'kind', 'key'])
      expect([field, parse({ [field]: text }).success]).toEqual([field, false])
  })

  it.each(named(hostileTexts))('CI-01: %j in a name or a folder is kept exactly, or refused', (_, text) => {
    for (const [field, value] of [
      ['name', `web${text}1`],
      ['root', `/srv${text}`],
    ] as const) {
      const { data } = parse({ [field]: value })
      if (data?.kind === 'ssh') expect(data[field]).toBe(value)
    }
  })

  it.each(named(hostileTexts))(
    'CI-01: a private key with %j before it is read as a key, or refused with a sentence',
    (_, text) => {
      const pasted = `${text}${generateKey('mine').privateKey.reveal()}`
      try {
        expect(keyFor('web-1', { key: 'paste', privateKey: pasted }).publicLine).toMatch(
          /^ssh-ed25519 \S+ hostler-web-1$/,
        )
      } catch (error) {
        expect(error).toMatchObject({ status: 422, field: 'privateKey' })
      }
    },
  )

  it.each([
    '-oProxyCommand=id',
    'web 1',
    'a..b',
    '-web',
    'web-',
    '10.0.0',
    '1.2.3.4.5',
    'web_1',
    'http://web',
    'root@web',
    'fe80::1%eth0',
    'a.',
  ])('%s is no address', (address) => {
    expect(parse({ address }).success).toBe(false)
  })

  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    [' web-1 ', 'web-1'],
    ['WEB-1.example.com', 'WEB-1.example.com'],
  ])('%s is one', (typed, address) => {
    expect(parse({ address: typed }).data).toMatchObject({ address })
  })

  it.each([0, 65_536, -22, 22.5, '22x', '0x16', ''])('%j is no port', (port) => {
    expect(parse({ port }).success).toBe(false)
  })
})
