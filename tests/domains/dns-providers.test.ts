import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askProvider } from '../../server/domains/dns-challenges/asking.js'
import { dnsProviders } from '../../server/domains/dns-challenges/providers/providers.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { Secret } from '../../server/platform/secret.js'
import { type Sink, startSink } from '../support/sink.js'

const record = { name: '_acme-challenge.shop.example.com', value: 'the-proof' }
const outbound = createOutbound({ allowances: parseAllowances('http://127.0.0.1') })
let host: Sink
beforeAll(async () => {
  host = await startSink()
})
afterAll(async () => {
  await outbound.close()
  await host.close()
})
beforeEach(() => {
  host.requests.length = 0
})

const asks = (name: keyof typeof dnsProviders) => {
  const to = { base: host.url, token: new Secret('token-canary') }
  return askProvider(outbound, dnsProviders[name], to, new AbortController().signal)
}
const asked = () => host.requests.map(({ method, url, body }) => [method, url, body === '' ? null : JSON.parse(body)])

describe('Cloudflare', () => {
  let records: { id: string; content: string }[]
  beforeEach(() => {
    records = []
    host.answer = (req, res) => {
      const url = new URL(req.url ?? '', 'http://host')
      if (url.pathname === '/zones')
        return res.end(JSON.stringify({ result: url.searchParams.get('name') === 'example.com' ? [{ id: 'z1' }] : [] }))
      return res.end(JSON.stringify({ result: req.method === 'GET' ? records : { id: 'r1' } }))
    }
  })

  it('gets the record in the longest zone that there is, once', async () => {
    await dnsProviders.cloudflare.present(asks('cloudflare'), record)

    expect(asked()).toEqual([
      ['GET', '/zones?name=shop.example.com', null],
      ['GET', '/zones?name=example.com', null],
      ['GET', '/zones/z1/dns_records?type=TXT&name=_acme-challenge.shop.example.com&per_page=100', null],
      ['POST', '/zones/z1/dns_records', { type: 'TXT', name: record.name, content: '"the-proof"', ttl: 60 }],
    ])
    expect(host.requests[0]?.headers.authorization).toBe('Bearer token-canary')

    records = [{ id: 'r1', content: '"the-proof"' }]
    await dnsProviders.cloudflare.present(asks('cloudflare'), record)
    expect(asked().filter(([method]) => method === 'POST')).toHaveLength(1)
  })

  it('loses it again, and nothing of somebody else', async () => {
    records = [
      { id: 'r1', content: '"the-proof"' },
      { id: 'r2', content: '"another"' },
    ]
    await dnsProviders.cloudflare.remove(asks('cloudflare'), record)

    expect(asked().filter(([method]) => method === 'DELETE')).toEqual([['DELETE', '/zones/z1/dns_records/r1', null]])
  })

  it('is said to have no such zone, to refuse the token or to be out of order', async () => {
    const present = () => dnsProviders.cloudflare.present(asks('cloudflare'), record)
    host.answer = (_req, res) => res.end('{"result":[]}')
    await expect(present()).rejects.toThrow('shows the token no zone')
    for (const [status, words] of [
      [403, 'does not accept the token'],
      [429, 'takes no more requests'],
      [500, 'Cloudflare answered 500'],
    ] as const) {
      host.answer = (_req, res) => res.writeHead(status).end('{"canary":1}')
      await expect(present()).rejects.toThrow(words)
    }
  })
})

describe('DigitalOcean', () => {
  it('gets the record below the longest domain that there is, and loses it by its number', async () => {
    let records: { id: number; data: string }[] = []
    host.answer = (req, res) => {
      const names = ['com', 'example.com', 'other.com'].map((name) => ({ name }))
      if (req.url?.startsWith('/domains?')) return res.end(JSON.stringify({ domains: names }))
      return req.method === 'GET'
        ? res.end(JSON.stringify({ domain_records: records }))
        : res.writeHead(req.method === 'POST' ? 201 : 204).end()
    }
    await dnsProviders.digitalocean.present(asks('digitalocean'), record)
    records = [
      { id: 5, data: 'the-proof' },
      { id: 6, data: 'another' },
    ]
    await dnsProviders.digitalocean.remove(asks('digitalocean'), record)

    expect(asked().filter(([method]) => method !== 'GET')).toEqual([
      [
        ...['POST', '/domains/example.com/records'],
        { type: 'TXT', name: '_acme-challenge.shop', data: 'the-proof', ttl: 30 },
      ],
      ['DELETE', '/domains/example.com/records/5', null],
    ])
  })
})
