import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { hostileTexts } from '../support/hostile-texts.js'
import { makeSite } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import type { Name } from '../support/people.js'
import { type ServersWorld, serversWorld } from '../support/servers.js'

let w: ServersWorld
let panel: TestPanel
beforeAll(async () => {
  w = await serversWorld()
  panel = await startTestPanel(w)
})
afterAll(async () => {
  await panel.close()
  await w.close()
})
beforeEach(() => w.reset())

const api = async (name: Name, method: string, path: string, body?: unknown) => {
  const response = await fetch(`${panel.url}/api/v1/teams/acme${path}`, {
    method,
    headers: { authorization: `Bearer ${w.people[name].apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : null }
}
const overSsh = {
  kind: 'ssh',
  name: 'web 1',
  address: 'web-1.example.com',
  port: 2222,
  user: 'deploy',
  key: 'generate',
}
/** Not text at all, too much of it, not what the field takes. */
const refusals = [400, 413, 422]
const count = async () => (await w.test.query<{ n: number }>('select count(*)::int as n from servers'))[0]?.n

describe('servers through the API', () => {
  it('SH-04: are added with a key whose private half is in no answer', async () => {
    const pasted = generateKey('mine')
    const lines = pasted.privateKey.reveal().split('\n').slice(1, -2)

    const made = await api('owner', 'POST', '/servers', {
      ...overSsh,
      key: 'paste',
      privateKey: pasted.privateKey.reveal(),
    })
    expect(made.status).toBe(201)
    expect(made.json.server).toMatchObject({
      slug: 'web-1',
      address: 'web-1.example.com',
      port: 2222,
      user: 'deploy',
      root: '/var/lib/hostler',
      status: 'new',
      publicKey: expect.stringContaining('ssh-ed25519 AAAA'),
    })

    const browser = panel.browser(w.people.owner.cookie)
    const seen = [made.text]
    for (const path of ['', '/web-1', '/web-1/preparation', '/web-1/readings'])
      seen.push((await api('owner', 'GET', `/servers${path}`)).text)
    for (const path of ['', '/new', '/web-1', '/web-1/preparation', '/web-1/settings', '/web-1/overview']) {
      const shown = await browser.get(`/teams/acme/servers${path}`)
      expect([path, shown.status]).toEqual([path, 200])
      seen.push(shown.text)
    }
    for (const text of seen) for (const line of lines) expect(text).not.toContain(line)
    expect(seen.join()).not.toContain('sealed')
  })

  it.each([
    ['viewer', 403],
    ['developer', 403],
    ['stranger', 404],
  ] as const)('may not be changed by a %s', async (name, status) => {
    await api('owner', 'POST', '/servers', overSsh)

    for (const [method, path, body] of [
      ['POST', '/servers', overSsh],
      ['PATCH', '/servers/web-1', { name: 'mine' }],
      ['DELETE', '/servers/web-1', { confirm: 'web 1' }],
      ['POST', '/servers/web-1/checks', undefined],
      ['POST', '/servers/web-1/preparation', { runtime: 'process', edge: 'direct' }],
      ['POST', '/servers/web-1/host-key', { fingerprint: `SHA256:${'A'.repeat(43)}` }],
    ] as const)
      expect([method, path, (await api(name, method, path, body)).status]).toEqual([method, path, status])

    expect(await count()).toBe(1)
  })

  it('AZ-03, AZ-04: of another team are not there, by slug or by id', async () => {
    const { json } = await api('owner', 'POST', '/servers', overSsh)
    const asStranger = (path: string) =>
      fetch(`${panel.url}/api/v1/teams/rival${path}`, {
        headers: { authorization: `Bearer ${w.people.stranger.apiKey}` },
      })
    const random = await (await asStranger('/servers/01890000-0000-7000-8000-00000000dead')).text()

    for (const key of ['web-1', json.server.id]) {
      const response = await asStranger(`/servers/${key}`)
      expect(response.status).toBe(404)
      expect((await response.text()).replace(/"(instance|reference|requestId)":"[^"]*"/g, '')).toBe(
        random.replace(/"(instance|reference|requestId)":"[^"]*"/g, ''),
      )
      expect((await asStranger(`/servers/${key}/readings`)).status).toBe(404)
    }
  })

  it('CI-01: take no text that ssh could read as an option or a shell as a command', async () => {
    for (const text of hostileTexts) {
      const { status } = await api('owner', 'POST', '/servers', { ...overSsh, address: text })
      expect(refusals, text.slice(0, 20)).toContain(status)
    }
    expect(await count()).toBe(0)
  })

  it('are listed newest first, a page at a time', async () => {
    for (const name of ['one', 'two', 'three']) {
      await api('owner', 'POST', '/servers', { ...overSsh, name })
      w.clock.advance(1000)
    }

    const first = (await api('viewer', 'GET', '/servers?limit=2')).json
    const second = (await api('viewer', 'GET', `/servers?limit=2&cursor=${first.nextCursor}`)).json

    expect([...first.items, ...second.items].map(({ slug }: { slug: string }) => slug)).toEqual(['three', 'two', 'one'])
    expect(second.nextCursor).toBeNull()
  })

  it('give the operation of a check, and the same one when it is asked twice', async () => {
    await api('owner', 'POST', '/servers', overSsh)

    const [one, two] = await Promise.all([1, 2].map(() => api('owner', 'POST', '/servers/web-1/checks')))

    expect(one?.status).toBe(202)
    expect(one?.json.operation).toEqual(two?.json.operation)
  })
})

describe('servers in the browser', () => {
  it('offer this machine to a team without servers, and only to the one that set the panel up', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    expect((await browser.get('/teams/acme/servers')).text).toContain('Use this machine')

    const added = await browser.post('/teams/acme/servers', { kind: 'local' })
    expect(added.status).toBe(303)
    expect(added.headers.get('location')).toBe('/teams/acme/servers/this-machine')

    await browser.get('/teams/acme/servers/new')
    expect((await browser.post('/teams/acme/servers', { kind: 'local' })).text).toContain('among the servers already')
    const stranger = panel.browser(w.people.stranger.cookie)
    expect((await stranger.get('/teams/rival/servers')).text).not.toContain('Use this machine')
    expect((await stranger.post('/teams/rival/servers', { kind: 'local' })).status).toBe(409)
  })

  it('show a refused form again, with what was typed and what is wrong', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/servers/new')

    const again = await browser.post('/teams/acme/servers', {
      ...overSsh,
      port: '22',
      address: '-oProxyCommand=id',
      root: '',
      privateKey: '',
    })

    expect(again.status).toBe(422)
    expect(again.text).toContain('Give a host name or an IP address')
    expect(again.text).toContain('value="-oProxyCommand=id"')
  })

  it('are removed by typing the name, and only when no site is on them', async () => {
    await api('owner', 'POST', '/servers', overSsh)
    const [server] = await w.test.query<{ id: string }>('select id from servers')
    const site = await makeSite(w.test, server ?? { id: '' }, w.acme)
    const browser = panel.browser(w.people.owner.cookie)

    expect((await browser.get('/teams/acme/servers/web-1/settings')).text).toContain('One site is on web 1')
    const refused = await browser.post('/teams/acme/servers/web-1', { _method: 'delete', confirm: 'web 1' })
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('One site is on web 1')])

    await w.test.query('delete from sites where id = $1', [site.id])
    expect((await browser.post('/teams/acme/servers/web-1', { _method: 'delete', confirm: 'web 2' })).status).toBe(422)
    expect((await browser.post('/teams/acme/servers/web-1', { _method: 'delete', confirm: 'web 1' })).status).toBe(303)
    expect((await browser.get('/teams/acme/servers/web-1')).status).toBe(404)
    expect(await w.events()).toEqual(['server.added', 'server.removed'])
  })
})
