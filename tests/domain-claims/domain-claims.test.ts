import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  checkDueClaims,
  claimDomain,
  listClaims,
  removeClaim,
  teamOfDomain,
} from '../../server/domain-claims/domain-claims.js'
import { paths } from '../../server/paths.js'
import { days } from '../support/clock.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'

describe('a domain of addresses', () => {
  let w: World
  let dns: DnsServer
  let panel: TestPanel
  const never = new AbortController().signal

  beforeAll(async () => {
    dns = await startDnsServer()
    w = await world()
    Object.assign(w.services, { config: { ...w.services.config, resolvers: [dns.address] } })
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.reset()
    dns.zone = {}
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
    await dns.stop()
  })

  const claim = async (who: Name, name = 'example.com') => claimDomain(await w.ctx(who), name)
  const listed = async (who: Name) => (await listClaims(await w.ctx(who)))[0]
  const setRecords = async (...people: Name[]) => {
    const records = await Promise.all(people.map(async (who) => (await listed(who))?.record))
    dns.zone = { '_hostler-sign-in.example.com': { TXT: records.map((record) => record?.value ?? '') } }
  }
  const look = async () => {
    await w.test.query('update domain_claims set check_due_at = $1', [w.services.clock()])
    await checkDueClaims(w.services, never)
  }
  const holder = () => w.services.db.asIdentity((db) => teamOfDomain(db, 'example.com'))
  const events = async () =>
    (
      await w.test.query<{ type: string }>(`select type from events where type like 'domain-claim.%' order by at, id`)
    ).map(({ type }) => type)

  it('is a team’s once its record is seen, and stays so', async () => {
    await claim('owner')
    await look()
    expect(await holder()).toBeUndefined()
    expect(await listed('owner')).toMatchObject({ isProven: false, fault: 'not-there' })

    await setRecords('owner')
    await look()
    await look()

    expect(await holder()).toBe(w.acme.id)
    expect(await events()).toEqual(['domain-claim.added', 'domain-claim.proven'])
  })

  it('is not another’s as long as its holder proves it, also while name servers are silent', async () => {
    await claim('owner')
    await setRecords('owner')
    await look()
    await claim('stranger')
    await setRecords('owner', 'stranger')

    await look()
    expect(await listed('stranger')).toMatchObject({ isProven: false, fault: 'held' })
    dns.zone = { '_hostler-sign-in.example.com': 'SERVFAIL' }
    await look()

    expect(await holder()).toBe(w.acme.id)
  })

  it('goes to another team that proves it, once its holder no longer does', async () => {
    await claim('owner')
    await setRecords('owner')
    await look()
    await claim('stranger')
    await setRecords('stranger')

    await look()

    expect(await holder()).toBe(w.rival.id)
    expect(await listed('owner')).toMatchObject({ isProven: false })
    expect(await events()).toEqual([
      ...['domain-claim.added', 'domain-claim.proven', 'domain-claim.added'],
      ...['domain-claim.lost', 'domain-claim.proven'],
    ])
  })

  it('is lost when its record is gone for three days, and not before', async () => {
    await claim('owner')
    await setRecords('owner')
    await look()
    dns.zone = {}
    await look()
    w.clock.advance(days(3) - 1)
    await look()
    expect(await holder()).toBe(w.acme.id)

    w.clock.advance(1)
    await look()

    expect(await holder()).toBeUndefined()
  })

  it('is lost after these days also when the name servers were silent in between, which says nothing new', async () => {
    await claim('owner')
    await setRecords('owner')
    await look()
    dns.zone = {}
    await look()
    w.clock.advance(days(2))
    dns.zone = { '_hostler-sign-in.example.com': 'SERVFAIL' }
    await look()
    w.clock.advance(days(1))
    await look()
    expect(await holder()).toBe(w.acme.id)

    dns.zone = {}
    await look()
    expect(await holder()).toBeUndefined()
  })

  it('is one team’s when two prove it in the same moment, and nobody’s look ends in an error', async () => {
    for (let round = 0; round < 4; round++) {
      await w.test.query('delete from domain_claims')
      await claim('owner')
      await claim('stranger')
      await setRecords('owner', 'stranger')
      await w.test.query('update domain_claims set check_due_at = $1', [w.services.clock()])
      await Promise.all(Array.from({ length: 3 }, () => checkDueClaims(w.services, never)))

      expect(await w.test.query('select 1 from domain_claims where proven_at is not null')).toHaveLength(1)
    }
  })

  it('is not the domains below it', async () => {
    await claim('owner')
    await setRecords('owner')
    await look()

    expect(await w.services.db.asIdentity((db) => teamOfDomain(db, 'mail.example.com'))).toBeUndefined()
  })

  it('is given up; a stranger’s is not there', async () => {
    const id = await claim('owner')
    await setRecords('owner')
    await look()

    await expect(removeClaim(await w.ctx('stranger'), id)).rejects.toMatchObject({ status: 404 })
    await removeClaim(await w.ctx('owner'), id)
    await expect(removeClaim(await w.ctx('owner'), id)).rejects.toMatchObject({ status: 404 })
    expect(await holder()).toBeUndefined()
  })

  it('is said on its page, which takes no nonsense and nothing twice', async () => {
    const owner = panel.browser(w.people.owner.cookie)
    await owner.get(paths.domainClaims('acme'))
    const send = (name: string) => owner.post(paths.domainClaims('acme'), { name })

    expect((await send('example.com')).status).toBe(303)
    for (const name of ['example.com', '', 'com', '*.example.com', '127.0.0.1', 'https://example.org', 'github.io'])
      expect([name, (await send(name)).status]).toEqual([name, 422])
    expect((await owner.get(paths.domainClaims('acme'))).text).toContain('_hostler-sign-in.example.com')
    expect((await panel.browser(w.people.developer.cookie).get(paths.domainClaims('acme'))).status).toBe(403)
  })
})
