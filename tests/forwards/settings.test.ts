import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ofPanel, ofTeam, removeForward, setForward } from '../../server/forwards/forwards.js'
import { appendOutsideTeams } from '../../server/platform/events/append.js'
import { type ForwardWorld, forwardWorld, host, secret } from './forward-world.js'

let f: ForwardWorld
beforeAll(async () => {
  f = await forwardWorld()
})
afterAll(() => f.close())
beforeEach(() => f.begin())
afterEach(() => f.end())

describe('where events are sent on to', () => {
  const forward = '/teams/acme/audit/forward'

  it('is set, tested and removed, each told of with the secret as a fingerprint', async () => {
    const address = `http://127.0.0.1:${f.http.port}/in`
    expect((await f.ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret })).status).toBe(303)
    expect((await f.ask('owner', `${forward}/test`, {})).status).toBe(303)
    expect(JSON.parse(f.http.got[0]?.body ?? '').events[0]).toMatchObject({ type: 'forward.tested', number: 0 })
    const page = await f.panel.browser(f.w.people.owner.cookie).get(forward)
    expect(page.text).not.toContain(secret)
    expect((await f.ask('owner', forward, { _method: 'delete' })).status).toBe(303)
    expect((await f.ask('owner', forward, { _method: 'delete' })).status).toBe(404)

    const events = await f.w.test.query(`select type, data from events where type like 'forward.%' order by sequence`)
    expect(events.map(({ type }) => type)).toEqual(['forward.set', 'forward.removed'])
    expect(events[0]?.data.after).toEqual({
      kind: 'https',
      address,
      ca: null,
      secret: expect.stringMatching(/^fingerprint /),
    })
    expect(JSON.stringify(events)).not.toContain(secret)
  })

  it('is removed once by two who do so at once, and told of once', async () => {
    const scope = ofTeam(await f.w.ctx('owner'))
    for (let round = 0; round < 5; round++) {
      await f.toSyslog()
      const done = await Promise.allSettled([1, 2, 3].map(() => removeForward(scope)))
      expect(done.flatMap((one) => (one.status === 'rejected' ? [one.reason.status] : []))).toEqual([404, 404])
    }

    expect(await f.w.test.query(`select from events where type = 'forward.removed'`)).toHaveLength(5)
  })

  it('is changed and removed also where its secret cannot be opened any more', async () => {
    const address = `http://127.0.0.1:${f.http.port}/in`
    const [spoilt, put] = [`update forwards set secret_sealed = 'v1.other.a.b.c'`, { _method: 'put', kind: 'https' }]
    await f.toHttp()
    await f.w.test.query(spoilt)
    const tested = await f.ask('owner', `${forward}/test`, {})
    expect([tested.status, tested.text]).toEqual([422, expect.stringContaining('the log of the panel says why')])
    expect((await f.ask('owner', forward, { ...put, address, ca: '', secret })).status).toBe(303)
    expect((await f.ask('owner', `${forward}/test`, {})).status).toBe(303)
    await f.w.test.query(spoilt)
    expect((await f.ask('owner', forward, { _method: 'delete' })).status).toBe(303)
  })

  it('LG-08: keeps a secret for its address, and asks for it anew for another', async () => {
    const address = `http://127.0.0.1:${f.http.port}/in`
    await f.ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret })
    const again = await f.ask('owner', forward, { _method: 'put', kind: 'https', address, ca: '', secret: '' })
    const moved = await f.ask('owner', forward, {
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
      const { status, text } = await f.ask('owner', forward, {
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
    await f.toSyslog()
    await f.syslog.close()

    const { status, text } = await f.ask('owner', `${forward}/test`, {})

    expect(status).toBe(422)
    expect(text).toContain('Could not speak with siem.example.com (ECONNREFUSED)')
  })

  it('is for who manages the team, and not there for strangers', async () => {
    for (const [name, status] of [
      ['developer', 403],
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await f.panel.browser(f.w.people[name].cookie).get(forward)).status).toBe(status)
      expect((await f.ask(name, `${forward}/test`, {})).status).toBe(status)
    }
  })

  it('may be the operator’s own for what belongs to no team', async () => {
    await setForward(ofPanel(await f.w.personCtx('operator')), {
      ...{ kind: 'syslog', address: `${host}:${f.syslog.port}`, ca: f.syslog.ca, secret: null },
    })
    await f.w.services.db.asIdentity((db) =>
      appendOutsideTeams(
        db,
        { kind: 'system', id: null, name: 'Visitor' },
        { type: 'session.refused', subject: { kind: 'user', id: null }, address: '192.0.2.1' },
        f.w.clock.now(),
      ),
    )
    await f.send()

    expect(f.syslog.got.at(-1)).toMatch(/^<108>1 .* session\.refused .* address="192\.0\.2\.1"\]/)
    expect((await f.panel.browser(f.w.people.operator.cookie).get('/operator/audit/forward')).text).toContain(
      'Everything has arrived',
    )
    expect((await f.panel.browser(f.w.people.owner.cookie).get('/operator/audit/forward')).status).toBe(404)
  })
})
