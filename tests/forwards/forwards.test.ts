import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forwardPage, ofPanel, ofTeam, sendForwards, setForward } from '../../server/forwards/forwards.js'
import { append, appendOutsideTeams } from '../../server/platform/events/append.js'
import { newId } from '../../server/platform/ids.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import type { Services } from '../../server/platform/services.js'
import { minutes } from '../support/clock.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'
import { httpSink, type Posted, type Sink, syslogSink } from './sinks.js'

const host = 'siem.example.com'
const secret = 'a secret that both sides know'
const never = new AbortController().signal

let w: World
let panel: TestPanel
let services: Services
let syslog: Sink<string>
let http: Sink<Posted>

beforeAll(async () => {
  const outbound = createOutbound({
    allowances: parseAllowances('http://127.0.0.1'),
    lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    deadlineMs: 3000,
  })
  w = await world({ outbound })
  services = w.services
  panel = await startTestPanel(w)
})
afterAll(async () => {
  await panel.close()
  await services.outbound.close()
  await w.close()
})
beforeEach(async () => {
  await w.test.query('delete from forwards')
  await w.reset()
  syslog = await syslogSink(host)
  http = await httpSink()
})
afterEach(async () => {
  await syslog.close()
  await http.close()
})

async function happen(count: number): Promise<void> {
  const ctx = await w.ctx('owner')
  for (let number = 0; number < count; number++)
    await ctx.transaction((tx) =>
      append(tx, { type: 'site.created', subject: { kind: 'site', id: newId(), name: `Shop "${number}" ]\\ ü` } }),
    )
}
const scope = async () => ofTeam(await w.ctx('owner'))
const toSyslog = async () =>
  setForward(await scope(), { kind: 'syslog', address: `${host}:${syslog.port}`, ca: syslog.ca, secret: null })
const toHttp = async () =>
  setForward(await scope(), { kind: 'https', address: `http://127.0.0.1:${http.port}/in`, ca: null, secret })
const send = () => sendForwards(services, never)
const state = async () => forwardPage(await scope())
const numbersOf = (texts: string[]) => texts.map((text) => Number(/ number="(\d+)"/.exec(text)?.[1]))
const siteNumbers = async () =>
  (await w.test.query(`select sequence from events where type = 'site.created' order by sequence`)).map(
    (row) => row.sequence,
  )

describe('events sent on by syslog', () => {
  it('arrive in order, each in a frame of its own, as RFC 5424 has it', async () => {
    await toSyslog()
    await happen(3)
    await send()

    const sites = syslog.got.filter((text) => text.includes('site.created'))
    expect(numbersOf(sites)).toEqual(await siteNumbers())
    expect(sites[0]).toMatch(
      /^<109>1 2026-05-04T12:00:00\.000Z localhost hostler - site\.created \[event@32473 id="[0-9a-f-]{36}" team="[0-9a-f-]{36}" number="\d+" actor="Owner" address=""\] \uFEFF\{/,
    )
    expect(JSON.parse(sites[0]?.split('\uFEFF')[1] ?? '')).toMatchObject({ subject: { name: 'Shop "0" ]\\ ü' } })
    expect(await state()).toMatchObject({ behind: 0, forward: { fault: null } })
  })

  it('are not lost when the other side dies in the middle, and only what was not taken comes again', async () => {
    await toSyslog()
    await send()
    await happen(450)
    syslog.diesAfter = 40_000
    await send()
    expect(await state()).toMatchObject({ behind: 450, forward: { fault: expect.stringContaining(host), failures: 1 } })

    syslog.diesAfter = null
    await send()
    expect((await state()).behind, 'not before its time').toBe(450)
    w.clock.advance(minutes(1))
    await send()

    expect(await state()).toMatchObject({ behind: 0, forward: { fault: null, failures: 0 } })
    const got = numbersOf(syslog.got.filter((text) => text.includes('site.created')))
    expect([...new Set(got)].sort((a, b) => a - b)).toEqual(await siteNumbers())
  })

  it('go to nobody whose certificate is not to be believed', async () => {
    await setForward(await scope(), { kind: 'syslog', address: `${host}:${syslog.port}`, ca: null, secret: null })
    await happen(1)
    await send()

    expect(syslog.got).toEqual([])
    expect((await state()).forward?.fault).toMatch(/^The certificate of siem\.example\.com is not to be believed/)
  })
})

describe('events sent on by HTTPS', () => {
  it('are signed over the time and the very bytes', async () => {
    await toHttp()
    await happen(2)
    await send()

    const [posted] = http.got
    const time = posted?.headers['x-hostler-time']
    const signature = createHmac('sha256', secret).update(`${time}.${posted?.body}`).digest('hex')
    expect(posted?.headers['x-hostler-signature-256']).toBe(`sha256=${signature}`)
    expect(JSON.parse(posted?.body ?? '').events.at(-1)).toMatchObject({
      type: 'site.created',
      actor: { name: 'Owner' },
    })
  })

  it('go on with the batch that was not answered, and repeat none that was', async () => {
    await toHttp()
    await happen(450)
    http.diesAfter = 1
    await send()
    expect((await state()).behind).toBeGreaterThan(200)

    http.diesAfter = null
    w.clock.advance(minutes(1))
    await Promise.all([send(), send()])

    const got = http.got.flatMap(({ body }) => JSON.parse(body).events.map(({ number }: { number: number }) => number))
    expect(got).toEqual([...new Set(got)])
    expect(got.slice(-450)).toEqual(await siteNumbers())
  })
})

describe('where events are sent on to', () => {
  const ask = async (name: Name, path: string, fields: Record<string, string>) => {
    const browser = panel.browser(w.people[name].cookie)
    await browser.get('/profile')
    return browser.post(path, fields)
  }
  const forward = '/teams/acme/audit/forward'

  it('is set, tested and removed, each told of with the secret as a fingerprint', async () => {
    const address = `http://127.0.0.1:${http.port}/in`
    expect((await ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret })).status).toBe(303)
    expect((await ask('owner', `${forward}/test`, {})).status).toBe(303)
    expect(JSON.parse(http.got[0]?.body ?? '').events[0]).toMatchObject({ type: 'forward.tested', number: 0 })
    const page = await panel.browser(w.people.owner.cookie).get(forward)
    expect(page.text).not.toContain(secret)
    expect((await ask('owner', forward, { _method: 'delete' })).status).toBe(303)
    expect((await ask('owner', forward, { _method: 'delete' })).status).toBe(404)

    const events = await w.test.query(`select type, data from events where type like 'forward.%' order by sequence`)
    expect(events.map(({ type }) => type)).toEqual(['forward.set', 'forward.removed'])
    expect(events[0]?.data.after).toEqual({
      kind: 'https',
      address,
      ca: null,
      secret: expect.stringMatching(/^fingerprint /),
    })
    expect(JSON.stringify(events)).not.toContain(secret)
  })

  it('LG-08: keeps a secret for its address, and asks for it anew for another', async () => {
    const address = `http://127.0.0.1:${http.port}/in`
    await ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret })
    const again = await ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret: '' })
    const moved = await ask('owner', forward, {
      _method: 'put',
      kind: 'https',
      address: `${address}/2`,
      ca: '',
      secret: '',
    })

    expect([again.status, moved.status]).toEqual([303, 422])
  })

  it('says beside the field what is wrong, and is on the internet', async () => {
    const put = async (fields: Record<string, string>) => {
      const { status, text } = await ask('owner', forward, {
        _method: 'put',
        ca: '',
        secret,
        kind: 'syslog',
        ...fields,
      })
      return [status, text]
    }
    expect(await put({ address: 'siem.example.com' })).toEqual([422, expect.stringContaining('Give a host and a port')])
    expect(await put({ address: '10.0.0.1:6514' })).toEqual([
      422,
      expect.stringContaining('not an address on the internet'),
    ])
    expect(await put({ address: 'localhost:6514' })).toEqual([
      422,
      expect.stringContaining('not a host on the internet'),
    ])
    expect(await put({ address: `${host}:6514`, ca: 'x' })).toEqual([422, expect.stringContaining('no certificate')])
    expect(await put({ kind: 'https', address: 'https://10.0.0.1/' })).toEqual([422, expect.anything()])
  })

  it('says what went wrong with a test', async () => {
    await toSyslog()
    await syslog.close()

    const { status, text } = await ask('owner', `${forward}/test`, {})

    expect(status).toBe(422)
    expect(text).toContain('Could not speak with siem.example.com (ECONNREFUSED)')
  })

  it('is for who manages the team, and not there for strangers', async () => {
    for (const [name, status] of [
      ['developer', 403],
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await panel.browser(w.people[name].cookie).get(forward)).status).toBe(status)
      expect((await ask(name, `${forward}/test`, {})).status).toBe(status)
    }
  })

  it('may be the operator’s own for what belongs to no team', async () => {
    await setForward(ofPanel(await w.personCtx('operator')), {
      ...{ kind: 'syslog', address: `${host}:${syslog.port}`, ca: syslog.ca, secret: null },
    })
    await services.db.asIdentity((db) =>
      appendOutsideTeams(
        db,
        { kind: 'system', id: null, name: 'Visitor' },
        { type: 'session.refused', subject: { kind: 'user', id: null }, address: '192.0.2.1' },
        w.clock.now(),
      ),
    )
    await send()

    expect(syslog.got.at(-1)).toMatch(/^<108>1 .* session\.refused .* address="192\.0\.2\.1"\]/)
    expect((await panel.browser(w.people.operator.cookie).get('/operator/audit/forward')).text).toContain(
      'Everything has arrived',
    )
    expect((await panel.browser(w.people.owner.cookie).get('/operator/audit/forward')).status).toBe(404)
  })
})
