import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../bench/support/answering-apps.js'
import { openToAll } from '../../server/domains/edges/access.js'
import { caddyEdge } from '../../server/domains/edges/caddy/caddy-edge.js'
import { requestWaiting } from '../../server/domains/fronts.js'
import { minutes } from '../support/clock.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { ask } from '../support/edges.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('caddy'))('domains on their way to the edge', () => {
  let w: DomainWorld
  beforeAll(async () => {
    w = await domainWorld()
  }, 30_000)
  afterAll(() => w?.close())
  beforeEach(async () => {
    await w.test.query('delete from domains')
    await w.test.query('delete from operations')
    w.dns.zone = {}
  })

  const add = async (name: string, more: object = {}) => {
    const { domain } = (await w.api('POST', '/domains', { name, ...more })).json
    const { proof } = (await w.api('GET', `/domains/${domain.id}`)).json
    return { id: domain.id as string, proof: proof.value as string }
  }
  const front = async () => (await w.api('GET', '/domains')).json.front
  const list = async () => (await w.panel.browser(w.people.viewer.cookie).get('/teams/acme/sites/shop/domains')).text
  const visit = (name: string, path = '/') => ask(w.caddy.webPorts.http, path, { headers: { host: name } })

  it('are proven by our edge alone, and served from then on; the rest redirects', async () => {
    const app = await startAnsweringApp('shop', '1')
    await w.api('PUT', '/domains/front', { forceHttps: false })
    await add('www.example.test')
    await add('example.test')
    w.dns.zone = { 'www.example.test': { A: ['127.0.0.1'] }, 'example.test': { A: ['127.0.0.1'] } }

    // The edge has to know the proof before it can answer with it.
    const first = await w.work()
    const before = await visit('www.example.test')
    w.clock.advance(minutes(2))
    const second = await w.work()

    expect([first, second]).toEqual([['succeeded'], ['succeeded']])
    expect(before.status).toBe(421)
    await w.at.switchTo(
      {
        siteId: w.site.id,
        folder: `${w.at.host.root}/sites/${w.site.id}`,
        port: w.site.port,
        hostnames: [],
        access: openToAll,
      },
      app.address,
    )
    expect((await visit('www.example.test')).headers['x-site']).toBe('shop')
    expect(await visit('example.test', '/a?b')).toMatchObject({
      status: 308,
      headers: { location: 'http://www.example.test/a?b' },
    })
    expect(await front()).toMatchObject({ state: 'applied', failure: null })
    const { domains } = (await w.api('GET', '/domains')).json
    expect(domains.map(({ state, verifiedBy }: Record<string, string>) => [state, verifiedBy])).toEqual([
      ['served', 'http'],
      ['served', 'http'],
    ])
    await app.stop()
  })

  it('are gone from the edge once they are removed, and asked for in few operations', async () => {
    const names = ['a.example.test', 'b.example.test', 'c.example.test']
    const added = []
    for (const name of names) added.push(await add(name, { role: 'serve' }))
    for (const [index, name] of names.entries()) w.dns.zone[`_hostler.${name}`] = { TXT: [added[index]?.proof ?? ''] }

    expect(await w.work()).toEqual(['succeeded'])
    expect((await visit('b.example.test')).status).not.toBe(421)
    await w.api('DELETE', `/domains/${added[1]?.id}`)
    expect((await front()).state).toBe('waiting')
    expect(await w.work()).toEqual(['succeeded'])

    expect((await visit('b.example.test')).status).toBe(421)
    expect((await visit('a.example.test')).status).not.toBe(421)
    expect(await w.work()).toEqual([])
  })

  it('say on the page why they could not be set up, go on as before, and are tried again', async () => {
    const { proof } = await add('www.example.test')
    w.dns.zone['_hostler.www.example.test'] = { TXT: [proof] }
    const real = w.at.edge.applyFront
    Object.assign(w.at.edge, { applyFront: caddyEdge({ door: { port: 1 }, user: 'root' }).applyFront })

    const [ended] = await w.work()
    const page = await list()
    const atOnce = await w.work()
    Object.assign(w.at.edge, { applyFront: real })
    w.clock.advance(minutes(6))
    const later = await w.work()

    expect(ended).toContain('failed: Caddy on web-1 does not answer on its admin port 1')
    expect(page).toContain('does not answer on its admin port 1')
    expect(atOnce).toEqual([])
    expect(later).toEqual(['succeeded'])
    expect((await front()).state).toBe('applied')
  })

  it('are set up on the ports that Caddy has, whatever those by which the world comes in', async () => {
    const { config } = w.services
    Object.assign(w.services, { config: { ...config, webPorts: undefined } })
    const { proof } = await add('www.example.test')
    w.dns.zone['_hostler.www.example.test'] = { TXT: [proof] }

    const ended = await w.work()

    Object.assign(w.services, { config })
    expect(ended).toEqual(['succeeded'])
    expect((await visit('www.example.test')).status).not.toBe(421)
  })

  it('are set up by one operation, whoever asks how often', async () => {
    await add('www.example.test')

    await Promise.all([requestWaiting(w.services), requestWaiting(w.services), requestWaiting(w.services)])

    expect(await w.test.query("select id from operations where kind = 'serve-domains'")).toHaveLength(1)
    await w.work()
  })

  it('are asked for once more as soon as they are set up, as something may have changed meanwhile', async () => {
    await add('www.example.test')
    const { queue } = w.services
    const rung: [string, string | undefined][] = []
    const enqueue: typeof queue.enqueue = async (job, payload) => {
      const [last] = await w.test.query<{ status: string }>('select status from operations')
      rung.push([job.name, last?.status])
      return queue.enqueue(job, payload)
    }
    Object.assign(w.services, { queue: { ...queue, enqueue } })

    await w.work()

    Object.assign(w.services, { queue })
    expect(rung).toContainEqual(['request-serving', 'succeeded'])
  })

  it('have a password that was set while they were being set up, before the page says so', async () => {
    const { proof } = await add('www.example.test')
    w.dns.zone['_hostler.www.example.test'] = { TXT: [proof] }
    const { hosts } = w.services
    const reach = async (id: string) => {
      Object.assign(w.services, { hosts })
      await w.api('PUT', '/access/visitors', { username: 'ada', password: 'a walk along the canal' })
      return hosts.get(id)
    }
    // Once the site was read, its server is reached.
    Object.assign(w.services, { hosts: { ...hosts, get: reach } })

    const ended = await w.work()

    const { access } = (await w.api('GET', '/access')).json
    expect([ended, access.state]).toEqual([['succeeded'], 'applied'])
    expect((await ask(w.site.port)).status).toBe(401)
    await w.api('DELETE', `/visitor-passwords/${access.visitors[0].id}`)
    await w.work()
    expect((await ask(w.site.port)).status).not.toBe(401)
  })

  it('give the site a URL that shows it, also while the primary one is not proven', async () => {
    await w.api('PUT', '/domains/front', { forceHttps: false })
    const url = async () => (await w.api('GET', '')).json.site.url
    const prove = async (name: string, proof: string) => {
      w.dns.zone[`_hostler.${name}`] = { TXT: [proof] }
      w.clock.advance(minutes(2))
      await w.work()
    }
    const [www, apex] = [await add('www.example.test'), await add('example.test')]

    await prove('example.test', apex.proof)
    const [alone, shown] = [await url(), await visit('example.test')]
    await prove('www.example.test', www.proof)
    const [both, moved, before] = [await url(), await visit('example.test'), await list()]
    const { id } = await add('new.example.test')
    await w.api('PATCH', `/domains/${id}`, { role: 'primary' })
    await w.work()

    expect([alone, shown.headers.location]).toEqual(['http://example.test', undefined])
    expect([both, moved.headers.location]).toEqual(['http://www.example.test', 'http://www.example.test/'])
    expect(await url()).toBe('http://www.example.test')
    expect((await visit('www.example.test')).headers.location).toBeUndefined()
    const sentence = 'Shows the site until the primary one is proven'
    expect([before.includes(sentence), (await list()).includes(sentence)]).toEqual([false, true])
  })

  it('come and go with the sites domain of the server, without anything asked for at the site', async () => {
    const here = `/servers/${w.server.slug}/sites-domain`
    const { proof } = (await w.teamApi('PUT', here, { name: 'sites.example.test' }, 'admin')).json
    w.dns.zone = { [proof.name]: { TXT: [proof.value] } }

    expect(await w.work()).toEqual(['succeeded'])
    const [named, other] = [await visit('shop.sites.example.test'), await visit('new.sites.example.test')]
    const { domains } = (await w.api('GET', '/domains')).json
    await w.teamApi('DELETE', here, undefined, 'admin')
    expect(await w.work()).toEqual(['succeeded'])

    expect(named.status).not.toBe(421)
    expect(other.status).toBe(421)
    expect(domains).toMatchObject([{ name: 'shop.sites.example.test', state: 'served', isGiven: true }])
    // The last name has taken our port along.
    await expect(visit('shop.sites.example.test')).rejects.toThrow('ECONNREFUSED')
  })

  it('leave the server with the site', async () => {
    const { proof } = await add('www.example.test')
    w.dns.zone['_hostler.www.example.test'] = { TXT: [proof] }
    await w.work()

    await w.at.edge.removeSite(w.at.host, { siteId: w.site.id, folder: '', port: w.site.port, hostnames: [] })

    expect(JSON.stringify(await w.caddy.config())).not.toContain('www.example.test')
  })
})
