import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge } from '../../server/domains/dns/judge.js'
import { Names } from '../../server/domains/dns/lookup.js'
import { pointingRecords } from '../../server/domains/dns-records.js'
import { type DnsServer, startDnsServer, type Zone } from '../support/dns-server.js'

let dns: DnsServer
beforeAll(async () => {
  dns = await startDnsServer()
})
afterAll(() => dns.stop())

const proof = 'hostler=abc'
const here = { A: ['203.0.113.1'] }

async function look(name: string, zone: Zone, change: object = {}) {
  dns.zone = zone
  const seen = await new Names([dns.address]).lookAt(name, `_hostler.${name.replace('*.', '')}`)
  const wanted = {
    name,
    proof,
    server: 'web-1',
    addresses: ['203.0.113.1', '2001:db8::1'],
    issuers: ['letsencrypt.org'],
    isWildCertificate: name.startsWith('*.'),
  }
  return judge(seen, { ...wanted, ...change })
}

const told = async (name: string, zone: Zone, change: object = {}) =>
  (await look(name, zone, change)).findings.map(({ tone, title }) => `${tone}: ${title}`)

describe('what DNS says about a domain', () => {
  it('is good when the proof is there and all leads to the server', async () => {
    const judged = await look('www.example.com', {
      'www.example.com': { A: ['203.0.113.1'], AAAA: ['2001:DB8:0::1'] },
      '_hostler.www.example.com': { TXT: ['something else', proof] },
    })

    expect(judged).toMatchObject({ isProven: true, isPointing: true })
    expect(judged.findings.map(({ tone }) => tone)).toEqual(['good', 'good'])
  })

  it.each<[string, string, Zone]>([
    ['bad: www.example.com does not exist in DNS (NXDOMAIN)', 'www.example.com', {}],
    ['bad: www.example.com has no A or AAAA record', 'www.example.com', { 'www.example.com': { TXT: ['x'] } }],
    [
      'bad: www.example.com points elsewhere: 198.51.100.7',
      'www.example.com',
      { 'www.example.com': { A: ['198.51.100.7'] } },
    ],
    [
      'bad: Another A record points elsewhere: 198.51.100.7',
      'www.example.com',
      { 'www.example.com': { A: ['203.0.113.1', '198.51.100.7'] } },
    ],
    [
      'bad: An AAAA record is left over: 2001:db8::9',
      'www.example.com',
      { 'www.example.com': { ...here, AAAA: ['2001:db8::9'] } },
    ],
    ['bad: The DNS servers of www.example.com fail (SERVFAIL)', 'www.example.com', { 'www.example.com': 'SERVFAIL' }],
    ['bad: The resolver refuses to answer for www.example.com', 'www.example.com', { 'www.example.com': 'REFUSED' }],
    [
      'bad: example.com has a CNAME record, which a name that was registered as such may not have',
      'example.com',
      { 'example.com': { ...here, CNAME: ['web-1.example.net'] } },
    ],
    [
      'bad: A CAA record only allows other.example to make certificates for www.example.com',
      'www.example.com',
      { 'www.example.com': here, 'example.com': { CAA: ['0 issue other.example'] } },
    ],
    [
      'bad: A CAA record allows nobody to make certificates for www.example.com',
      'www.example.com',
      { 'www.example.com': { ...here, CAA: ['0 issue ;'] } },
    ],
    ['warning: There is no TXT record at _hostler.www.example.com', 'www.example.com', { 'www.example.com': here }],
    [
      'bad: _hostler.www.example.com has a TXT record, but not the one that proves the name',
      'www.example.com',
      { 'www.example.com': here, '_hostler.www.example.com': { TXT: ['hostler=other'] } },
    ],
  ])('%s', async (title, name, zone) => {
    expect(await told(name, zone)).toContain(title)
  })

  it('waits for no answer longer than a few seconds, and says so', { timeout: 15_000 }, async () => {
    const titles = await told('www.example.com', {
      'www.example.com': 'SILENCE',
      '_hostler.www.example.com': 'SILENCE',
      'example.com': 'SILENCE',
    })

    expect(titles).toContain('warning: Nobody answered for www.example.com in time')
    expect(titles).toContain('warning: Nobody answered for _hostler.www.example.com in time')
  })

  it('says when no resolver is there at all', async () => {
    const seen = await new Names(['127.0.0.1:9']).lookAt('www.example.com', '_hostler.www.example.com')

    expect(seen.a.kind).toBe('unreachable')
  })

  it('takes a CAA record that names who makes our certificates, the nearest first', async () => {
    const zone = {
      'www.example.com': { ...here, CAA: ['0 issue letsencrypt.org;validationmethods=http-01'] },
      'example.com': { CAA: ['0 issue other.example'] },
    }

    expect((await told('www.example.com', zone)).join()).not.toContain('CAA')
    expect((await told('www.example.com', zone, { issuers: null })).join()).not.toContain('CAA')
  })

  it('is known as soon for a name of many parts, where name servers say nothing', async () => {
    const name = `${'a.'.repeat(40)}example.com`
    const parts = name.split('.').map((_, first, all) => all.slice(first).join('.'))
    const began = performance.now()

    const titles = await told(name, Object.fromEntries(parts.map((part) => [part, 'SILENCE'])))

    expect(titles).toContain(`warning: Nobody answered for ${name} in time`)
    expect(performance.now() - began).toBeLessThan(10_000)
  }, 30_000)

  it('reads issuewild for wildcards, and looks at a name below', async () => {
    const zone: Zone = {
      '*.example.com': here,
      '_hostler.example.com': { TXT: [proof] },
      'example.com': { CAA: ['0 issue letsencrypt.org', '0 issuewild ;'] },
    }

    const judged = await look('*.example.com', zone)

    expect(judged).toMatchObject({ isProven: true, isPointing: true })
    expect(judged.findings.at(-1)?.title).toBe('A CAA record allows nobody to make certificates for *.example.com')
  })

  it('reads issue for a sites domain, whose names have a certificate each', async () => {
    const zone: Zone = { '*.example.com': here, 'example.com': { CAA: ['0 issue letsencrypt.org', '0 issuewild ;'] } }

    expect((await told('*.example.com', zone, { isWildCertificate: false })).join()).not.toContain('CAA')
  })

  it('asks no proof of a name that was given', async () => {
    expect(await told('www.example.com', { 'www.example.com': here }, { proof: null })).toEqual([
      'good: www.example.com points at web-1 (203.0.113.1)',
    ])
  })

  it('is left to people where the address of the server is not known', async () => {
    expect(await told('www.example.com', { 'www.example.com': here }, { addresses: [] })).toContain(
      'warning: www.example.com points at 203.0.113.1, and Hostler does not know the address of web-1',
    )
  })
})

describe('the records to set', () => {
  it.each([
    ['www.example.com', '203.0.113.1', [], [['A', 'www.example.com', '203.0.113.1']]],
    ['example.com', '2001:db8::1', [], [['AAAA', 'example.com', '2001:db8::1']]],
    ['www.example.com', 'web-1.example.net', ['203.0.113.1'], [['CNAME', 'www.example.com', 'web-1.example.net']]],
    ['*.example.com', 'web-1.example.net', ['203.0.113.1'], [['CNAME', '*.example.com', 'web-1.example.net']]],
    ['example.com', 'web-1.example.net', ['203.0.113.1'], [['A', 'example.com', '203.0.113.1']]],
  ])('of %s on %s', (name, server, addresses, records) => {
    expect(pointingRecords(name, server, addresses).map(({ type, name: at, value }) => [type, at, value])).toEqual(
      records,
    )
  })
})
