import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lookAtAuthority } from '../../server/domains/dns/authority.js'
import { Names } from '../../server/domains/dns/lookup.js'
import { type DnsServer, startDnsServer, startResolver, type Zone } from '../support/dns-server.js'

const record = '_acme-challenge.example.test'
const soa = 'ns.example.test hostmaster.example.test 1 3600 600 86400 3600'

describe('the name servers of a zone', () => {
  let first: DnsServer
  let second: DnsServer
  let resolver: DnsServer
  beforeAll(async () => {
    first = await startDnsServer()
    second = await startDnsServer({}, { address: '127.0.0.2', port: first.port })
    resolver = await startDnsServer()
  })
  afterAll(() => Promise.all([first, second, resolver].map((server) => server.stop())))
  beforeEach(() => {
    resolver.zone = {
      'example.test': { NS: ['one.test', 'two.test'], SOA: [soa] },
      'one.test': { A: ['127.0.0.1'] },
      'two.test': { A: ['127.0.0.2'] },
    }
    show({ [record]: { TXT: ['other', 'value'] } })
  })

  function show(one: Zone, other: Zone = one) {
    first.zone = one
    second.zone = other
  }
  const look = (mayAsk: (address: string) => boolean = () => true) =>
    lookAtAuthority({ resolvers: [resolver.address], port: first.port, mayAsk }, record, 'value')

  it('show a record that the resolver does not know of', async () => {
    expect(await look()).toBe('seen')
  })

  it('show it once all of them do that answer', async () => {
    show({ [record]: { TXT: ['value'] } }, {})
    expect(await look()).toBe('not-seen')
    show({ [record]: { TXT: ['value'] } }, { [record]: { TXT: ['an older one'] } })
    expect(await look()).toBe('not-seen')
    show({ [record]: { TXT: ['value'] } }, { [record]: 'REFUSED' })
    expect(await look()).toBe('seen')
  })

  it('are those of the nearest zone', async () => {
    resolver.zone['example.test'] = { NS: ['two.test'] }
    resolver.zone.test = { NS: ['one.test'] }
    show({}, { [record]: { TXT: ['value'] } })
    expect(await look()).toBe('seen')
  })

  it('lead to where an alias is, and to whom the record is handed', async () => {
    show({ [record]: { CNAME: ['proofs.elsewhere.test'] } }, { [record]: { CNAME: ['proofs.elsewhere.test'] } })
    expect(await look()).toBe('silent')
    resolver.zone['elsewhere.test'] = { NS: ['two.test'] }
    second.zone = { ...first.zone, 'proofs.elsewhere.test': { TXT: ['value'] } }
    expect(await look()).toBe('seen')

    resolver.zone['example.test'] = { NS: ['one.test'] }
    resolver.zone[record] = { NS: ['two.test'] }
    show({ [record]: {} }, { [record]: { TXT: ['value'] } })
    expect(await look()).toBe('seen')
  })

  it('end, where aliases lead in a circle', async () => {
    show({ [record]: { CNAME: [record] } })
    expect(await look()).toBe('not-seen')
  })

  it.each<[string, () => void]>([
    ['refuse', () => show({ [record]: 'REFUSED' })],
    ['say nothing', () => show({ [record]: 'SILENCE' })],
    ['are not known', () => delete resolver.zone['example.test']],
    ['have no address', () => Object.assign(resolver.zone, { 'one.test': {}, 'two.test': {} })],
  ])('are silent where they %s', async (_, act) => {
    act()
    expect(await look()).toBe('silent')
  })

  it('SF-01: are not asked at addresses that may not be', async () => {
    expect(await look(() => false)).toBe('silent')
    show({}, { [record]: { TXT: ['value'] } })
    expect(await look((address) => address === '127.0.0.2')).toBe('seen')
  })

  it('do not have a resolver remember that the record is not there', async () => {
    const authority = await startDnsServer({
      'example.test': { NS: ['one.test'], SOA: [soa] },
      'one.test': { A: ['127.0.0.1'] },
    })
    const remembering = await startResolver(authority)
    const asking = { resolvers: [remembering.address], port: authority.port, mayAsk: () => true }

    expect(await lookAtAuthority(asking, record, 'value')).toBe('not-seen')
    authority.zone[record] = { TXT: ['value'] }

    expect(await lookAtAuthority({ ...asking, port: first.port }, record, 'value')).toBe('seen')
    expect(await new Names([remembering.address]).texts(record)).toEqual({ kind: 'records', records: ['value'] })
    await Promise.all([authority.stop(), remembering.stop()])
  })
})
