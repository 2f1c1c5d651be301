import { compare } from 'bcryptjs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkServer } from '../../jobs/deploys/steps/check-server.js'
import { headersText, parseHeaders } from '../../server/domains/access/headers.js'
import { accessOf } from '../../server/domains/domains.js'
import { openToAll } from '../../server/domains/edges/access.js'
import { directEdge } from '../../server/domains/edges/direct/direct-edge.js'
import { makeSite } from '../support/make.js'
import type { Name } from '../support/people.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
let siteId: string
const here = '/sites/shop/access'
beforeAll(async () => {
  w = await siteWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  siteId = (await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })).id
})

const put = (part: string, body: object, who: Name = 'developer') => w.api(who, 'PUT', `${here}/${part}`, body)
const ada = { username: 'ada', password: 'a walk along the canal' }
const wanted = async () => (await w.ctx('developer')).transaction((tx) => accessOf(tx, siteId))

describe('what stands before a site', () => {
  it('is nothing at first', async () => {
    expect((await w.api('viewer', 'GET', here)).json.access).toEqual({
      visitors: [],
      headers: [],
      maintenance: { isOn: false, text: '' },
      state: 'empty',
    })
    expect(await wanted()).toEqual(openToAll)
  })

  it('is a password that is kept as bcrypt has it, and shown to nobody', async () => {
    const { status, text, json } = await put('visitors', ada)
    const page = await w.browser('owner').get(`/teams/acme${here}`)

    const [user] = (await wanted()).users
    expect(status).toBe(200)
    expect(json.access).toMatchObject({ visitors: [{ username: 'ada' }], state: 'waiting' })
    expect(await compare(ada.password, user?.hash ?? '')).toBe(true)
    for (const shown of [text, page.text, JSON.stringify(await w.test.query('select data from events'))]) {
      expect(shown).not.toContain(ada.password)
      expect(shown).not.toContain(user?.hash)
    }
  })

  it('is one password for each name: the next takes the place of the last', async () => {
    await put('visitors', ada)
    await put('visitors', { ...ada, password: 'another walk' })
    await put('visitors', { ...ada, username: 'bob' })

    const { users } = await wanted()
    expect(users.map(({ name }) => name)).toEqual(['ada', 'bob'])
    expect(await compare('another walk', users[0]?.hash ?? '')).toBe(true)
    const { visitors } = (await w.api('viewer', 'GET', here)).json.access
    const path = `/sites/shop/visitor-passwords/${visitors[0].id}`
    expect((await w.api('developer', 'DELETE', path)).status).toBe(204)
    expect((await w.api('developer', 'DELETE', path)).status).toBe(404)
    expect((await wanted()).users.map(({ name }) => name)).toEqual(['bob'])
  })

  it.each([
    [{ username: 'two words' }, 'username'],
    [{ username: 'a:b' }, 'username'],
    [{ username: '{env.PATH}' }, 'username'],
    [{ password: 'short' }, 'password'],
    [{ password: 'ü'.repeat(40) }, 'password'],
    [{ password: 'with\na line' }, 'password'],
  ])('refuses %j', async (change, field) => {
    expect(await put('visitors', { ...ada, ...change })).toMatchObject({ status: 422, json: { errors: [{ field }] } })
  })

  it('is headers, one a line', async () => {
    const { json } = await put('headers', { headers: 'X-Robots-Tag: noindex\r\n\n  Report-To:{"a":1}  ' })

    expect(json.access.headers).toEqual([
      { name: 'X-Robots-Tag', value: 'noindex' },
      { name: 'Report-To', value: '{"a":1}' },
    ])
    expect((await wanted()).headers).toEqual(json.access.headers)
    const refused = await put('headers', { headers: 'X-A: b\nConnection: close' })
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'headers' }] } })
    expect((await wanted()).headers).toEqual(json.access.headers)
  })

  it('is a maintenance page, whose text stays for the next time', async () => {
    await put('maintenance', { isOn: true, text: 'Back at noon' })
    expect((await wanted()).maintenance).toBe('Back at noon')

    await put('maintenance', { text: 'Back at noon' })
    expect((await wanted()).maintenance).toBeNull()
    expect((await w.api('viewer', 'GET', here)).json.access.maintenance).toEqual({ isOn: false, text: 'Back at noon' })
    await put('maintenance', { text: '' })
    const told = await w.test.query("select type from events where type like 'site.maintenance%' order by sequence")
    expect(told.map(({ type }) => type)).toEqual([
      'site.maintenance-began',
      'site.maintenance-ended',
      'site.maintenance-text-changed',
    ])
  })

  it('grows the revision of the front, so that the edge hears of each change', async () => {
    const revision = async () => (await w.test.query('select revision from fronts'))[0]?.revision
    await put('visitors', ada)
    await put('headers', { headers: '' })
    await put('maintenance', { isOn: true })

    expect(await revision()).toBe(3)
  })

  it('is for developers to change, and not there for strangers', async () => {
    await put('visitors', ada)
    const { visitors } = (await w.api('viewer', 'GET', here)).json.access

    expect((await put('visitors', ada, 'viewer')).status).toBe(403)
    expect((await put('maintenance', { isOn: true }, 'viewer')).status).toBe(403)
    expect((await put('headers', { headers: '' }, 'stranger')).status).toBe(404)
    expect((await w.api('stranger', 'DELETE', `/sites/shop/visitor-passwords/${visitors[0].id}`)).status).toBe(404)
    expect((await w.browser('viewer').get(`/teams/acme${here}`)).text).not.toContain('Set password')
  })

  it('is refused on an archived site, and behind the relay, which would let everybody in', async () => {
    await w.test.query("update sites set edge = 'direct'")
    const direct = await put('visitors', ada)
    const page = await w.browser('developer').get(`/teams/acme${here}`)
    await w.test.query("update sites set edge = 'caddy', state = 'archived'")

    expect(direct.status).toBe(409)
    expect(page.text).toContain('prepare web-1 with the edge “caddy”')
    expect(page.text).not.toContain('Set password')
    expect((await put('visitors', ada)).status).toBe(409)
  })

  it('keeps a site that has it from being deployed behind the relay', async () => {
    await put('visitors', ada)
    const ctx = await w.ctx('developer')
    const host = await w.services.hosts.get(w.server.id)
    const context = { host, place: { folder: w.folder }, edge: directEdge, site: { id: siteId } }
    const step = { context, log: { note: () => {} }, transaction: ctx.transaction.bind(ctx) }
    const edgeSite = { siteId, folder: w.folder, port: 1, hostnames: [], access: await wanted() }

    const sentence = 'has no passwords, headers or maintenance page'
    await expect(checkServer(step as never)).rejects.toThrow(sentence)
    await expect(directEdge.ensureSite(host, edgeSite)).rejects.toThrow(sentence)
  })
})

describe('headers of a site', () => {
  it.each(['A: b', "Content-Security-Policy: default-src 'self'; img-src *", 'X-Frame-Options:DENY'])(
    'can be %j',
    (text) => {
      expect(parseHeaders(headersText(parseHeaders(text)))).toEqual(parseHeaders(text))
    },
  )

  it.each<[string, string]>([
    ['no colon', 'Line 1 is not as in'],
    ['X-A: b\nX A: b', 'Line 2 is not as in'],
    ['X-A:', 'Line 1'],
    ['X-A: b\nx-a: c', 'x-a is there twice'],
    ['{http.request.host}: b', 'Line 1'],
    ['X-A: b\u0007', 'signs that no header can have'],
    ['X-A: bü', 'signs that no header can have'],
    [`X-A: ${'b'.repeat(4001)}`, 'longer than 4000'],
    [`${'A'.repeat(101)}: b`, 'too long'],
    [Array.from({ length: 31 }, (_, index) => `X-${index}: b`).join('\n'), 'can have 30 headers'],
    ['strict-transport-security: max-age=1', 'it is “HSTS”'],
    ...['Connection', 'Keep-Alive', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Proxy-Authenticate'].map(
      (name) => [`${name}: x`, 'it is about the connection'] as [string, string],
    ),
    ...['Content-Length', 'CONTENT-TYPE', 'Set-Cookie', 'WWW-Authenticate'].map(
      (name) => [`${name}: x`, 'cannot be set'] as [string, string],
    ),
  ])('cannot be %j', (text, why) => {
    expect(() => parseHeaders(text)).toThrow(why)
  })
})
