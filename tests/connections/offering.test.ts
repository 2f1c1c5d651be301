import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fakeGitlab } from '../support/fake-lists.js'
import { type PushWorld, pushWorld } from '../support/push-world.js'
import { type Sink, startSink } from '../support/sink.js'

let w: PushWorld
let host: Sink
let id = ''
beforeAll(async () => {
  w = await pushWorld()
  host = await startSink()
})
afterAll(async () => {
  await host.close()
  await w.close()
})
beforeEach(async () => {
  await w.reset()
  host.requests.length = 0
  const shop = { name: 'acme/shop', url: 'https://gitlab.com/acme/shop.git', isPrivate: true }
  host.answer = fakeGitlab({ token, repositories: [shop] })
  await w.connect('https://gitlab.com/acme/shop.git', 'gitlab')
  id = (await w.api('developer', 'GET', '/connections')).json.connections[0].id
})

const token = 'glpat-canary0123456789'
const give = (fields: object, connection = id) =>
  w.api('developer', 'PUT', `/connections/${connection}/token`, { token, apiUrl: host.url, ...fields })
const offer = () => give({ offersRepositories: true })
const list = (name: 'developer' | 'viewer' | 'stranger' = 'developer', query = `?connection=${id}`) =>
  w.api(name, 'GET', `/sites/new/repositories${query}`)

describe('who sees what a token lists', () => {
  it('nobody, unless whoever gives the token offers it; then it is told', async () => {
    await give({})
    expect((await list()).status).toBe(404)
    expect((await list('developer', '')).json).toMatchObject({ repositories: [], sources: [] })
    expect(host.requests).toEqual([])

    expect((await offer()).json.connection.offersRepositories).toBe(true)

    expect((await list()).json.repositories).toHaveLength(1)
    expect((await w.api('viewer', 'GET', '/activity')).json.items[0].text).toContain(
      'gave a token to the connection of gitlab.com/acme/shop and offers all repositories that it reads to new sites',
    )
  })

  it('nobody any more after another token that does not offer, and after it is removed', async () => {
    await offer()
    await give({})
    expect((await list()).status).toBe(404)

    await offer()
    await w.api('developer', 'DELETE', `/connections/${id}/token`)
    expect((await list()).status).toBe(404)
    expect((await w.api('viewer', 'GET', `/connections/${id}`)).json.connection.offersRepositories).toBe(false)
  })

  it('nobody with another token that is given without an offer in the moment of the look', async () => {
    const { db } = w.services
    const { inTeam } = db
    const later = 'glpat-given-meanwhile'
    for (const looks of [1, 2]) {
      await offer()
      let left = looks
      const between: typeof inTeam = async (...work) => {
        const found = await inTeam(...work)
        left -= 1
        if (left === 0) await give({ token: later })
        return found
      }
      Object.assign(db, { inTeam: between })
      await list()
      Object.assign(db, { inTeam })
      expect(left).toBeLessThanOrEqual(0)
    }

    const used = new Set(host.requests.map(({ headers }) => headers['private-token']))
    expect(used).toEqual(new Set([token]))
  })

  it('AZ-04: those who may create sites, of the team whose connection it is', async () => {
    await offer()

    expect((await list('viewer')).status).toBe(403)
    expect((await list('stranger')).status).toBe(404)
    expect((await list('stranger', '')).json.sources).toEqual([])
    expect((await list('developer', '?connection=7')).status).toBe(400)
  })

  it('not of a GitHub token, which is for one repository', async () => {
    await w.connect('https://github.com/acme/shop.git', 'github')
    const { connections } = (await w.api('developer', 'GET', '/connections')).json
    const github = connections.find((one: { host: string }) => one.host === 'github').id

    const answer = await give({ offersRepositories: true }, github)

    expect(answer).toMatchObject({ status: 422, json: { errors: [{ field: 'offersRepositories' }] } })
    const browser = w.panel.browser(w.people.developer.cookie)
    expect((await browser.get(`/teams/acme/connections/${github}`)).text).not.toContain('Offer its repositories')
    expect((await browser.get(`/teams/acme/connections/${id}`)).text).toContain('Offer its repositories')
  })

  it('is ticked in the form, and shown on the page of the connection', async () => {
    const browser = w.panel.browser(w.people.developer.cookie)
    await browser.get(`/teams/acme/connections/${id}`)
    const fields = { _method: 'put', token, apiUrl: host.url, offersRepositories: 'on' }

    expect((await browser.post(`/teams/acme/connections/${id}/token`, fields)).status).toBe(303)

    const page = (await browser.get(`/teams/acme/connections/${id}`)).text
    expect(page).toContain('Offers repositories')
    expect(page).toContain(`/teams/acme/sites/new/repositories?connection=${id}`)
  })
})

describe('a host that tells no repositories', () => {
  it.each([
    [401, {}, 'gitlab.com does not accept the token: it has expired or was revoked'],
    [403, {}, 'It needs the right “read_api”'],
    [403, { 'ratelimit-remaining': '0' }, 'gitlab.com takes no more requests for now'],
    [429, { 'retry-after': '60' }, 'gitlab.com takes no more requests for now'],
    [404, {}, 'gitlab.com has no list of repositories at the address of its API'],
    [405, {}, 'gitlab.com lists no further. Search for the name'],
    [302, { location: 'http://127.0.0.1:1/' }, 'The API of gitlab.com has moved'],
    [502, {}, 'gitlab.com answered 502. Try again in a while'],
    [200, {}, 'The answer of gitlab.com cannot be read'],
  ])('is said in our words, and the address can be typed: %i %j', async (status, headers, words) => {
    await offer()
    host.answer = (_req, res) => res.writeHead(status, { ...headers }).end('{"message":"canary of the host"}')

    const answer = await list()
    const page = (await w.panel.browser(w.people.developer.cookie).get('/teams/acme/sites/new/repositories')).text

    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ repositories: [], nextPage: null })
    expect(answer.json.fault).toContain(words)
    expect(page).toContain(words)
    expect(page).toContain('type the address')
    expect(page).not.toContain('canary')
  })

  it('may be out of reach', async () => {
    await offer()
    host.answer = (_req, res) => res.destroy()

    expect((await list()).json.fault).toContain('Could not speak with 127.0.0.1')
  })
})
