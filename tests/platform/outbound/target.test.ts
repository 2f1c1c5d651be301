import { describe, expect, it } from 'vitest'
import { innerV4, isPublicAddress } from '../../../server/platform/outbound/addresses.js'
import { parseAllowances } from '../../../server/platform/outbound/allowances.js'
import { parseTarget } from '../../../server/platform/outbound/target.js'

const nothing = parseAllowances('')
const check = (url: string) => () => parseTarget(url, nothing)

describe('an address that somebody gave', () => {
  it.each([
    ...['127.0.0.1', '127.1', '0', '0x7f000001', '2130706433', '0177.0.0.1', '[::]', '[::1]', '[::ffff:127.0.0.1]'],
    ...[
      '[64:ff9b::7f00:1]',
      'localhost',
      'localhost.',
      'LOCALHOST',
      'a.localhost',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.9.9',
    ],
    ...[
      '192.168.1.1',
      '100.64.0.1',
      '169.254.169.254',
      '[fd00::1]',
      '[fe80::1]',
      'metadata.google.internal',
      'metadata',
    ],
    ...['224.0.0.1', '255.255.255.255', '[ff02::1]', '[::127.0.0.1]', '[2002:7f00:1::]', '[2001::1]', '168.63.129.16'],
    ...['printer.local', 'db', '127.0.0.1.', '①②⑦.⓪.⓪.①', '[fd00:ec2::254]', '[64:ff9b:1::a00:1]', '192.0.0.192'],
  ])('SF-01: https://%s is refused', (host) => {
    expect(check(`https://${host}/api`)).toThrow(/not (an address|a host) on the internet/)
  })

  it.each([
    'file:///etc/passwd',
    'gopher://example.com',
    'ftp://example.com',
    'unix:/run/x',
    'ext::sh',
    'http://example.com',
  ])('SF-01: %s is refused', (url) => {
    expect(check(url)).toThrow('does not start with https://')
  })

  it.each([
    ...['https://user@example.com', 'https://user:pass@example.com', 'https://@example.com', 'https://:@example.com/'],
    ...['https://example.com/%0d%0aX', 'https://exa\tmple.com', 'https://example.com/\r\n', ' https://example.com'],
    ...[
      'https://example.com\\@127.0.0.1/',
      'https://',
      'https://exa mple.com',
      `https://example.com/${'x'.repeat(2000)}`,
    ],
  ])('SF-06: %j is refused', (url) => {
    expect(check(url)).toThrow(/^(Leave out the part|The address)/)
  })

  it.each([
    'https://api.github.com/',
    'https://gitlab.example.com:8443/api/v4',
    'https://1.1.1.1/',
    'https://[2606:4700::1]/',
  ])('%s is taken', (url) => {
    expect(parseTarget(url, nothing).href).toBe(url)
  })

  it('tells the internet from what is not on it', () => {
    expect(innerV4('::ffff:7f00:1')).toBe('127.0.0.1')
    expect(innerV4('64:ff9b::1.1.1.1')).toBe('1.1.1.1')
    expect(innerV4('2606:4700::1')).toBeNull()
    expect(['1.1.1.1', '::ffff:1.1.1.1', '64:ff9b::101:101', '2606:4700::1'].map(isPublicAddress)).not.toContain(false)
    expect(['fe80::1%eth0', '::', 'x', ''].map(isPublicAddress)).not.toContain(true)
  })
})

describe('what the operator allows', () => {
  it('is a host, an address or a network, each with http:// where it has no HTTPS', () => {
    const allowed = parseAllowances('gitlab.internal, 10.1.0.0/16,fd00::/8 , http://git.lan,http://192.168.0.9')

    for (const url of [
      'https://gitlab.internal/',
      'https://10.1.2.3/',
      'https://[::ffff:10.1.2.3]/',
      'https://[fd00::1]/',
    ])
      expect(parseTarget(url, allowed).protocol).toBe('https:')
    expect(parseTarget('http://git.lan:3000/api/v1', allowed).port).toBe('3000')
    expect(parseTarget('http://192.168.0.9/', allowed).hostname).toBe('192.168.0.9')
    expect(() => parseTarget('https://10.2.0.1/', allowed)).toThrow('not an address on the internet')
    expect(() => parseTarget('http://gitlab.internal/', allowed)).toThrow('https://')
    expect(() => parseTarget('https://other.internal/', allowed)).toThrow('not a host on the internet')
  })

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0', 'a b', '10.0.0.0/8/8', 'https://x', '*', '10.0.0.0/'])(
    'is not %j',
    (text) => {
      expect(() => parseAllowances(text)).toThrow('no host name, address or network')
    },
  )
})
