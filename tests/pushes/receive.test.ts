import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { days } from '../support/clock.js'
import { type PushWorld, pushOf, pushWorld, shop } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const kept = async () =>
  (await w.test.query<{ count: number }>('select count(*)::int from webhook_deliveries'))[0]?.count

describe('a delivery', () => {
  it('is kept as it came, with its headers but not its signature, and answered before anything is done', async () => {
    const site = await w.site()
    const secret = await w.connect()
    const body = `${JSON.stringify(pushOf())}  `

    const answer = await w.deliver(secret, body, { cookie: 'session=x', authorization: 'Basic eDp5' })

    expect(answer).toEqual({ status: 202, json: { state: 'received' } })
    const [row] = await w.test.query<{ body: Buffer; headers: object }>('select * from webhook_deliveries')
    expect(row?.body.toString()).toBe(body)
    expect(Object.keys(row?.headers ?? {}).sort()).toEqual([
      ...['content-length', 'content-type', 'user-agent', 'x-github-delivery', 'x-github-event'],
    ])
    expect(await w.test.query('select 1 from deploys where site_id = $1', [site.id])).toEqual([])
  })

  it('WH-06, R26: sent a hundred times at once, and again after two days, is one delivery and one deploy', async () => {
    await w.site()
    const secret = await w.connect()
    const headers = { 'x-github-delivery': randomUUID() }

    const answers = await Promise.all(Array.from({ length: 100 }, () => w.deliver(secret, pushOf(), headers)))
    await w.judgeAll()
    await w.test.query("update operations set status = 'succeeded'")
    w.clock.advance(days(2))
    const later = await w.deliver(secret, pushOf(), headers)
    await w.judgeAll()

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(later).toEqual({ status: 202, json: { state: 'received before' } })
    expect(await kept()).toBe(1)
    expect(await w.test.query('select 1 from deploys')).toHaveLength(1)
  })

  it('WH-01: with any other signature is refused, and only its hour is counted', async () => {
    await w.site()
    const secret = await w.connect()
    const text = JSON.stringify(pushOf())
    const good = await sign(secret, text)
    const other = await sign('another secret', text)

    const signatures = [
      ...[other, good.slice(0, -1), good.toUpperCase(), ` ${good.replace('=', '= ')}`, good.replace('sha256=', '')],
      ...[good.replace('sha256', 'sha1'), `${good}, ${good}`, 'sha256=', ''],
    ]
    for (const signature of signatures) {
      const { status, json } = await w.deliver(secret, text, { 'x-hub-signature-256': signature })
      expect([signature, status]).toEqual([signature, 401])
      expect(JSON.stringify(json)).not.toMatch(/acme|shop/)
    }
    const unsigned = { 'x-github-event': 'push', 'x-github-delivery': randomUUID(), 'x-hub-signature': 'sha1=00' }
    const alone = await fetch(`${w.panel.url}/webhooks/github`, { method: 'POST', headers: unsigned, body: text })

    expect(alone.status).toBe(401)
    expect(await kept()).toBe(0)
    expect(await w.test.query('select why, count from refused_deliveries')).toEqual([
      { why: 'bad-signature', count: signatures.length + 1 },
    ])
  })

  it('is never believed for the session of a browser', async () => {
    await w.site()
    await w.connect()
    const { owner } = w.people
    const borrowed = { cookie: owner.cookie, 'x-csrf-token': owner.csrfToken, authorization: `Bearer ${owner.apiKey}` }

    expect((await w.deliver('a guess', pushOf(), borrowed)).status).toBe(401)
    expect(await kept()).toBe(0)
  })

  it('WH-02: keyed with nothing is refused; no connection can have an empty secret', async () => {
    await w.site()
    const secret = await w.connect()

    expect((await w.deliver('', pushOf())).status).toBe(401)
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect((await w.api('developer', 'POST', '/connections', { repositoryUrl: shop, secret: '' })).status).toBe(422)
  })

  it('WH-03: is judged by its very bytes', async () => {
    await w.site()
    const secret = await w.connect()
    const signature = await sign(secret, JSON.stringify(pushOf()))
    const spaced = JSON.stringify(pushOf(), null, 1)

    expect((await w.deliver(secret, spaced, { 'x-hub-signature-256': signature })).status).toBe(401)
    expect(
      (await w.deliver(secret, pushOf({ after: 'b'.repeat(40) }), { 'x-hub-signature-256': signature })).status,
    ).toBe(401)
  })

  it('WH-04: of other types and encodings is answered, never with a 500, and never believed unread', async () => {
    await w.site()
    const secret = await w.connect()
    const text = JSON.stringify(pushOf())
    const form = `payload=${encodeURIComponent(text)}`
    const invalid = Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"x":"\xff\xfe\xc3"}', 'latin1')])
    const cut = Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0xed, 0xa0])])
    const type = (name: string) => ({ 'content-type': name })
    const outcome = async (body: string | Buffer, headers: Record<string, string>) => {
      expect((await w.deliver(secret, body, headers)).status).toBe(202)
      await w.judgeAll()
      const [row] = await w.test.query(
        'select outcome from webhook_deliveries order by received_at desc, id desc limit 1',
      )
      return row?.outcome
    }

    expect(await outcome(form, type('application/x-www-form-urlencoded'))).toBe('judged')
    expect(await outcome(text, type('text/plain'))).toBe('judged')
    expect(await outcome(text, type(''))).toBe('judged')
    expect(await outcome(`\ufeff${text}`, type('application/json'))).toBe('unreadable')
    expect(await outcome(invalid, type('application/json; charset=utf-8'))).toBe('judged')
    expect(await outcome(cut, type('application/json'))).toBe('unreadable')
    expect((await w.deliver(secret, gzipSync(text), { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await w.deliver(secret, text, type('application/x-www-form-urlencoded'))).status).toBe(401)
    expect((await w.deliver(secret, '')).status).toBe(401)
  })

  it('WH-04: sent in pieces is the same, and is refused where a piece is another', async () => {
    await w.site()
    const secret = await w.connect()
    const text = JSON.stringify(pushOf())
    const inPieces = async (pieces: readonly string[]) => {
      const stream = ReadableStream.from(pieces.map((piece) => Buffer.from(piece)))
      const headers = {
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': await sign(secret, text),
      }
      const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit // `as`: not in these types yet
      return (await fetch(`${w.panel.url}/webhooks/github`, init)).status
    }

    expect(await inPieces([text.slice(0, 100), text.slice(100, 101), text.slice(101)])).toBe(202)
    expect(await inPieces([text.slice(0, 100), text.slice(100), ' '])).toBe(401)
    expect(await inPieces([])).toBe(401)

    await w.judgeAll()
    expect(await w.test.query('select outcome from webhook_deliveries')).toEqual([{ outcome: 'judged' }])
  })

  it('without an id or an event is refused, and other methods are', async () => {
    const secret = await w.connect()

    expect((await w.deliver(secret, pushOf(), { 'x-github-delivery': '' })).status).toBe(400)
    expect((await w.deliver(secret, pushOf(), { 'x-github-event': 'a/../b' })).status).toBe(400)
    expect((await fetch(`${w.panel.url}/webhooks/github`)).status).toBe(405)
    expect((await fetch(`${w.panel.url}/webhooks/github?token=x`, { method: 'POST' })).status).toBe(400)
  })

  it('of a repository that nobody connected is counted for the teams that have a site of it', async () => {
    await w.site()

    expect((await w.deliver('a secret', pushOf())).status).toBe(401)

    const mine = await w.api('viewer', 'GET', '/deliveries')
    expect(mine.json.refused).toMatchObject([{ repository: 'github.com/acme/shop', why: 'not-connected', count: 1 }])
    expect((await w.api('stranger', 'GET', '/deliveries')).json.refused).toEqual([])
  })

  it('that is refused is told of to each team that may be meant, on the page of its site too', async () => {
    const { slug } = await w.site()
    await w.connect(shop, 'github', 'stranger')

    expect((await w.deliver('a secret', pushOf())).status).toBe(401)

    const told = async (who: 'viewer' | 'stranger', query = '') =>
      (await w.api(who, 'GET', `/deliveries${query}`)).json.refused.map(({ why }: { why: string }) => why)
    expect([await told('viewer'), await told('stranger')]).toEqual([['not-connected'], ['bad-signature']])
    expect(await told('viewer', `?site=${slug}`)).toEqual(['not-connected'])
    const page = await w.panel.browser(w.people.viewer.cookie).get(`/teams/acme/sites/${slug}/pushes`)
    expect(page.text).toContain('github.com/acme/shop: 1 delivery refused')
  })

  it('is believed for no longer than its signer has that secret, however often it was right before', async () => {
    await w.site()
    const old = await w.connect()
    for (const _ of [1, 2]) expect((await w.deliver(old, pushOf())).status).toBe(202)
    const { connections } = (await w.api('developer', 'GET', '/connections')).json
    const path = `/connections/${connections[0].id}`

    const secret = (await w.api('developer', 'POST', `${path}/secret`)).json.secret
    expect((await w.deliver(old, pushOf())).status).toBe(401)
    for (const _ of [1, 2]) expect((await w.deliver(secret, pushOf())).status).toBe(202)

    expect((await w.api('developer', 'DELETE', path)).status).toBe(204)
    expect((await w.deliver(secret, pushOf())).status).toBe(401)
    const again = await w.connect()
    expect((await w.deliver(again, pushOf())).status).toBe(202)
    expect((await w.deliver(secret, pushOf())).status).toBe(401)
  })

  it('WH-07: speaks for its own repository alone, also after it has mentioned another', async () => {
    const other = 'https://github.com/initech/other.git'
    await w.connect()
    const secret = await w.connect(other, 'github', 'stranger')
    const both = pushOf({ repository: { clone_url: other, html_url: shop } })

    for (const _ of [1, 2]) expect((await w.deliver(secret, both)).status).toBe(202)
    expect((await w.deliver(secret, pushOf())).status).toBe(401)
  })

  it('is the team’s that signed it, where two connect one repository', async () => {
    const [mine, theirs] = [await w.connect(), await w.connect(shop, 'github', 'stranger')]
    for (const secret of [mine, theirs, mine, theirs, theirs])
      expect((await w.deliver(secret, pushOf())).status).toBe(202)

    const count = async (who: 'viewer' | 'stranger') => (await w.api(who, 'GET', '/deliveries')).json.items.length
    expect([await count('viewer'), await count('stranger')]).toEqual([2, 3])
  })
})
