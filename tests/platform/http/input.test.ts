import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Panel, startPanel, tokenOf } from './panel.js'
import { noteRoutes, seen } from './routes.js'

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
})
afterAll(() => panel.close())
beforeEach(() => {
  seen.length = 0
})

const post = (body: string | Buffer<ArrayBuffer>, type: string, headers = {}) =>
  panel.ask('/api/v1/teams/acme/notes', {
    method: 'POST',
    as: 'key:owner',
    body,
    headers: { 'content-type': type, ...headers },
  })

describe('refused input', () => {
  test('shows the form again with the values and what is wrong beside each field', async () => {
    const answer = await panel.submit('/teams/acme/notes', { name: 'A "b"', size: '12' }, { as: 'owner' })
    const html = await answer.text()

    expect(answer.status).toBe(422)
    expect(html).toMatch(/id="field-name" name="name" aria-invalid="true" aria-describedby="error-name hint-name"/)
    expect(html).toContain('value="A &quot;b&quot;"')
    expect(html).toMatch(/id="error-name">[\s\S]*?Use lower case letters/)
    expect(html).toContain('Give at most 9')
    expect(seen).toEqual([])
  })

  test('a rule that only the verb knows is shown in the same way', async () => {
    const answer = await panel.submit('/teams/acme/notes', { name: 'taken', size: '1' }, { as: 'owner' })

    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('There is a note of that name')
  })

  test('the API names the fields', async () => {
    const answer = await panel.api('POST', '/teams/acme/notes', { name: 'A', size: 'x' })

    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      status: 422,
      errors: [
        { field: 'name', message: 'Use lower case letters' },
        { field: 'size', message: 'Give a whole number from 1 to 9' },
      ],
    })
  })

  test('AZ-11: fields that the schema does not name are not passed on', async () => {
    await panel.api('POST', '/teams/acme/notes', { name: 'tea', size: 4, team_id: 'x', id: 'y', role: 'owner' })

    expect(seen).toEqual([{ name: 'tea', size: 4 }])
  })

  test('a route that takes no fields refuses some', async () => {
    expect((await panel.api('POST', '/teams/acme/notes/tea/printing', { force: true })).status).toBe(400)
    expect((await panel.api('POST', '/teams/acme/notes/tea/printing', {})).status).toBe(202)
  })

  test('QT-03: __proto__ and constructor are only names', async () => {
    const polluted = '{"name":"tea","size":4,"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}'
    await post(polluted, 'application/json')
    await panel.submit('/teams/acme/notes', { ...{ name: 'tea', size: '4' }, ['__proto__']: 'x' }, { as: 'owner' })

    expect(({} as { x?: unknown }).x).toBeUndefined()
    expect((await panel.ask('/teams/acme/notes?__proto__=1', { as: 'owner' })).status).toBe(400)
  })
})

describe('query strings', () => {
  test.each([
    'id=1',
    'sort=name&sort=size',
    'sort[]=name',
    'sort=1;select',
    'sort=%ff',
    'sort=%00',
    'sort=name&team=b',
  ])('AZ-12: ?%s is 400', async (query) => {
    expect((await panel.ask(`/teams/acme/notes?${query}`, { as: 'owner' })).status).toBe(400)
  })

  test('what the schema names is handed on, parsed', async () => {
    const answer = await panel.ask('/teams/acme/notes?sort=name', { as: 'owner' })

    expect(await answer.text()).toContain('sorted by name')
  })

  test('LG-05: a key in the query is refused', async () => {
    expect((await panel.ask('/api/v1/teams/acme/notes/first?api_key=x', { as: 'key:owner' })).status).toBe(400)
  })
})

describe('bodies', () => {
  const json = JSON.stringify({ name: 'tea', size: 4 })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('CS-05: the API refuses %s with 415', async (type) => {
    expect((await post(json, type)).status).toBe(415)
    expect(seen).toEqual([])
  })

  test('a page refuses JSON', async () => {
    const answer = await panel.ask('/teams/acme/notes', {
      method: 'POST',
      as: 'owner',
      body: json,
      headers: { 'content-type': 'application/json', 'x-csrf-token': tokenOf('owner') },
    })

    expect(answer.status).toBe(415)
  })

  test.each([
    ['broken JSON', '{"name":'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a NUL', '{"name":"a\\u0000b","size":1}'],
  ])('%s is 400', async (_name, body) => {
    expect((await post(body, 'application/json')).status).toBe(400)
  })

  test.each([
    ['10 MB of JSON', 'application/json', `"${'x'.repeat(10_000_000)}"`, 413],
    ['JSON 10,000 levels deep', 'application/json', '['.repeat(10_000) + ']'.repeat(10_000), 400],
  ])('DO-02: %s is refused in under 100 ms', async (_name, type, body, status) => {
    const tookMs: number[] = []
    for (let time = 0; time < 5; time++) {
      const before = process.cpuUsage()
      expect((await post(body, type)).status).toBe(status)
      const { user, system } = process.cpuUsage(before)
      tookMs.push((user + system) / 1000)
    }

    // Of work, with the sending: what else the machine does meanwhile is not in it.
    expect(Math.min(...tookMs)).toBeLessThan(100)
  })

  test('DO-02: 100,000 fields and a gzip bomb are refused', async () => {
    const zeros = gzipSync(Buffer.alloc(50_000_000))
    const fields = Array.from({ length: 100_000 }, (_, i) => `f${i}=1`).join('&')
    const many = await panel.ask('/teams/acme/notes', {
      method: 'POST',
      as: 'owner',
      body: fields,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const bomb = await post(zeros, 'application/json', { 'content-encoding': 'gzip' })

    expect([many.status, bomb.status]).toEqual([413, 413])
  })

  test('DO-02: 64 KB of headers are refused', async () => {
    const answer = await panel.ask('/sign-in', { headers: { 'x-long': 'x'.repeat(65_536) } })

    expect(answer.status).toBe(431)
  })

  test('LG-02: bad UTF-8 in the path is 400, in words', async () => {
    const answer = await rawGet('/teams/acme/notes/%ff')

    expect(answer).toMatch(/^HTTP\/1.1 400/)
    expect(answer).not.toMatch(/URIError|decode|node_modules/)
  })
})

/** fetch would not send such a path. */
function rawGet(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(panel.url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
    socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: hostler-session=owner\r\n\r\n`)
  })
}
