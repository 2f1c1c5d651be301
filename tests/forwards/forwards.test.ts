import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ofTeam, sendForwards, setForward } from '../../server/forwards/forwards.js'
import { claimForward, maybeForward, moveForward, releaseForward } from '../../server/forwards/queries.js'
import { minutes } from '../support/clock.js'
import { type ForwardWorld, forwardWorld, host, secret } from './forward-world.js'

let f: ForwardWorld
beforeAll(async () => {
  f = await forwardWorld()
})
afterAll(() => f.close())
beforeEach(() => f.begin())
afterEach(() => f.end())

const numbersOf = (texts: string[]) => texts.map((text) => Number(/ number="(\d+)"/.exec(text)?.[1]))
const siteNumbers = async () =>
  (await f.w.test.query(`select sequence from events where type = 'site.created' order by sequence`)).map(
    (row) => row.sequence,
  )

describe('events sent on by syslog', () => {
  it('arrive in order, each in a frame of its own, as RFC 5424 has it', async () => {
    await f.toSyslog()
    await f.happen(3)
    await f.send()

    const sites = f.syslog.got.filter((text) => text.includes('site.created'))
    expect(numbersOf(sites)).toEqual(await siteNumbers())
    expect(sites[0]).toMatch(
      /^<109>1 2026-05-04T12:00:00\.000Z localhost hostler - site\.created \[event@32473 id="[0-9a-f-]{36}" team="[0-9a-f-]{36}" number="\d+" actor="Owner" address=""\] \uFEFF\{/,
    )
    expect(JSON.parse(sites[0]?.split('\uFEFF')[1] ?? '')).toMatchObject({ subject: { name: 'Shop "0" ]\\ ü' } })
    expect(await f.state()).toMatchObject({ behind: 0, forward: { fault: null } })
  })

  it('are not lost when the other side dies in the middle, and only what was not taken comes again', async () => {
    await f.toSyslog()
    await f.send()
    await f.happen(450)
    f.syslog.diesAfter = 40_000
    await f.send()
    expect(await f.state()).toMatchObject({
      behind: 450,
      forward: { fault: expect.stringContaining(host), failures: 1 },
    })

    f.syslog.diesAfter = null
    await f.send()
    expect((await f.state()).behind, 'not before its time').toBe(450)
    f.w.clock.advance(minutes(1))
    await f.send()

    expect(await f.state()).toMatchObject({ behind: 0, forward: { fault: null, failures: 0 } })
    const got = numbersOf(f.syslog.got.filter((text) => text.includes('site.created')))
    expect([...new Set(got)].sort((a, b) => a - b)).toEqual(await siteNumbers())
  })

  it('are given up where the other side takes no end of time, however often it says a byte', async () => {
    await f.toSyslog()
    f.syslog.drips = true
    const begun = performance.now()
    await f.send()

    // The deadline of these tests, of connecting and sending together, is three seconds.
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect((await f.state()).forward?.fault).toContain('did not take everything within 3 seconds')
  })

  it('go to nobody whose certificate is not to be believed', async () => {
    await f.toSyslog(null)
    await f.happen(1)
    await f.send()

    expect(f.syslog.got).toEqual([])
    expect((await f.state()).forward?.fault).toMatch(/^The certificate of siem\.example\.com is not to be believed/)
  })
})

describe('a turn', () => {
  it('ends between batches: what was begun is neither broken off nor a failure', async () => {
    await f.toSyslog()
    await f.happen(3)
    await sendForwards(f.w.services, AbortSignal.abort())
    expect(await f.w.test.query('select fault, failures, taken_until from forwards')).toEqual([
      { fault: null, failures: 0, taken_until: null },
    ])

    await f.send()
    expect(await f.state()).toMatchObject({ behind: 0 })
  })

  it('takes none whose time to be tried again has not come, and frees nobody else’s', async () => {
    await f.toSyslog()
    const { services, clock, acme } = f.w
    const [now, later] = [clock.now(), new Date(clock.now().getTime() + minutes(1))]
    await f.w.test.query('update forwards set retry_at = $1', [later])
    const claim = (at: Date) =>
      services.db.asSystem((db) => claimForward(db, acme.id, at, new Date(at.getTime() + minutes(1))))
    expect(await claim(now)).toBeNull()
    const claimed = await claim(later)
    expect(claimed).not.toBeNull()

    const another = { team_id: acme.id, taken_until: now }
    expect(await services.db.asSystem((db) => releaseForward(db, another))).toBe(0)
    if (claimed) expect(await services.db.asSystem((db) => releaseForward(db, claimed))).toBe(1)
  })

  it('is the last of a team that was removed, once all of its events were sent on', async () => {
    await f.toSyslog()
    await f.happen(2)
    const { test, acme, clock } = f.w
    await test.query('delete from teams where id = $1', [acme.id])
    await test.query('insert into removed_teams (id, slug, name, created_at, removed_at) values ($1, $2, $3, $4, $4)', [
      ...[acme.id, acme.slug, acme.name, clock.now()],
    ])
    await f.send()
    expect(f.syslog.got.filter((text) => text.includes('site.created'))).toHaveLength(2)
    await f.send()

    expect(await test.query('select team_id from forwards')).toEqual([])
  })
})

describe('events sent on by HTTPS', () => {
  it('are signed over the time and the very bytes', async () => {
    await f.toHttp()
    await f.happen(2)
    await f.send()

    const [posted] = f.http.got
    const time = posted?.headers['x-hostler-time']
    const signature = createHmac('sha256', secret).update(`${time}.${posted?.body}`).digest('hex')
    expect(posted?.headers['x-hostler-signature-256']).toBe(`sha256=${signature}`)
    expect(JSON.parse(posted?.body ?? '').events.at(-1)).toMatchObject({
      type: 'site.created',
      actor: { name: 'Owner' },
    })
  })

  it('are taken over TLS by who has a certificate of the company’s own', async () => {
    await f.toHttps()
    await f.happen(450)
    await f.send()

    expect(await f.state()).toMatchObject({ behind: 0, forward: { fault: null } })
    const got = f.https.got.flatMap(({ body }) =>
      JSON.parse(body).events.map((event: { number: number }) => event.number),
    )
    expect(got.slice(-450)).toEqual(await siteNumbers())
    const [posted] = f.https.got
    const signed = `${posted?.headers['x-hostler-time']}.${posted?.body}`
    const signature = createHmac('sha256', secret).update(signed).digest('hex')
    expect(posted?.headers['x-hostler-signature-256']).toBe(`sha256=${signature}`)
  })

  it.each<[string, () => Promise<void>]>([
    ['that nobody was told to believe', () => f.toHttps(null)],
    ['of another name', () => f.toHttps(f.https.ca, 'other.example.com')],
    ['of another CA', () => f.toHttps(f.syslog.ca)],
  ])('go to nobody with a certificate %s, and not over TLS in name only', async (_what, set) => {
    await set()
    await f.happen(1)
    await f.send()

    expect(f.https.got).toEqual([])
    expect((await f.state()).forward?.fault).toMatch(
      /^The certificate of \w+\.example\.com is not to be believed \([A-Z_]+\)/,
    )
  })

  it('go on by TLS where they had come to when the other side died', async () => {
    await f.toHttps()
    await f.happen(450)
    f.https.diesAfter = 1
    await f.send()
    expect((await f.state()).behind).toBeGreaterThan(200)

    f.https.diesAfter = null
    f.w.clock.advance(minutes(1))
    await f.send()

    const got = f.https.got.flatMap(({ body }) =>
      JSON.parse(body).events.map((event: { number: number }) => event.number),
    )
    expect(got).toEqual([...new Set(got)])
    expect(got.slice(-450)).toEqual(await siteNumbers())
  })

  it('go to another address at once, also while somebody still sends to the one of before', async () => {
    await f.toHttp()
    await f.happen(3)
    const before = await f.w.services.db.asSystem((db) => maybeForward(db, f.w.acme.id))
    await f.w.test.query('update forwards set taken_until = $1', [new Date(f.w.clock.now().getTime() + minutes(1))])
    await f.send()
    expect(f.http.got).toEqual([])

    await f.toHttps()
    // What was taken over there moves no cursor of what goes to the new one.
    const moved = { sequence: (before?.sequence ?? 0) + 3, at: new Date(), sent_at: new Date(), taken_until: null }
    expect(before && (await f.w.services.db.asSystem((db) => moveForward(db, before, moved)))).toBe(0)
    await f.send()

    expect([f.http.got, f.https.got.length]).toEqual([[], 1])
    expect(await f.state()).toMatchObject({ behind: 0 })
  })

  it('go on with the batch that was not answered, and repeat none that was', async () => {
    await f.toHttp()
    await f.happen(450)
    f.http.diesAfter = 1
    await f.send()
    expect((await f.state()).behind).toBeGreaterThan(200)

    f.http.diesAfter = null
    f.w.clock.advance(minutes(1))
    await Promise.all([f.send(), f.send()])

    const got = f.http.got.flatMap(({ body }) =>
      JSON.parse(body).events.map(({ number }: { number: number }) => number),
    )
    expect(got).toEqual([...new Set(got)])
    expect(got.slice(-450)).toEqual(await siteNumbers())
  })
})

describe('events of several teams', () => {
  const toHttpOfRival = async () =>
    setForward(ofTeam(await f.w.ctx('stranger')), {
      ...{ kind: 'https', address: `http://127.0.0.1:${f.http.port}/in`, ca: null, secret },
    })
  const rivals = () =>
    f.http.got.flatMap(({ body }) => JSON.parse(body).events).filter(({ team }) => team === f.w.rival.id)

  it('wait longer and longer, and say why, where Hostler itself cannot send them', async () => {
    await f.toHttp()
    await toHttpOfRival()
    await f.w.test.query(`update forwards set secret_sealed = 'v1.other.a.b.c' where team_id = $1`, [f.w.acme.id])
    await f.send()

    const retryAt = new Date(f.w.clock.now().getTime() + 5000)
    const fault = expect.stringMatching(/^Hostler itself could not send this/)
    expect((await f.state()).forward).toMatchObject({ fault, failures: 1, retryAt })
    expect((await f.panel.browser(f.w.people.owner.cookie).get('/teams/acme/audit/forward')).text).toContain(
      'Hostler itself could not send this',
    )
    expect(rivals()).toHaveLength(1)
  })

  it('are sent to the end where those of another cannot even be looked at, and the job says so then', async () => {
    await f.toHttp()
    await toHttpOfRival()
    await f.w.test.query(
      `create function refuse_acme() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$`,
    )
    await f.w.test.query(
      `create trigger refuse_acme before update on forwards for each row when (old.team_id = '${f.w.acme.id}')
       execute function refuse_acme()`,
    )

    try {
      await expect(f.send()).rejects.toThrow('1 of 2')
      expect(rivals()).toHaveLength(1)
    } finally {
      await f.w.test.query('drop function refuse_acme cascade')
    }
  })
})
