import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import type { Services } from '../../server/platform/services.js'
import { type Made, makeCertificate } from '../support/certificates.js'
import { days, minutes } from '../support/clock.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { eventually } from '../support/sites.js'

describe.skipIf(!needs('caddy', 'openssl'))('R38: a certificate that somebody gave, before its end', () => {
  let w: DomainWorld
  let made: Made
  let endsAt: Date
  const names = ['www.example.test', '*.example.test']
  beforeAll(async () => {
    w = await domainWorld()
    made = makeCertificate({ names, days: 90 })
    const start = Date.now()
    endsAt = new Date(start + days(90))
    w.clock.advance(start + minutes(1) - w.clock.now().getTime())
    for (const name of names) {
      const { domain } = (await w.api('POST', '/domains', { name, role: 'serve' })).json
      const { proof } = (await w.api('GET', `/domains/${domain.id}`)).json
      w.dns.zone[proof.name] = { TXT: [proof.value] }
      const given = { chain: made.certificate, privateKey: made.key }
      expect((await w.api('PUT', `/domains/${domain.id}/certificate`, given)).status).toBe(200)
      await w.work()
    }
    await eventually('Caddy shows it', () => shownCertificate(w.at.host, w.caddy.webPorts.https, 'www.example.test'))
  }, 60_000)
  afterAll(() => w?.close())
  beforeEach(async () => {
    await w.test.query('delete from certificates')
    await w.test.query("delete from events where type = 'domain.certificate-ending'")
  })

  const told = () =>
    w.test.query<{ domain: string; days: number; why: string | null }>(
      `select data->>'domain' as domain, (data->>'days')::int as days, data->>'why' as why from events
       where type = 'domain.certificate-ending' order by 1, sequence`,
    )
  const toldDays = async () => {
    const all = await told()
    return names.map((name) => all.filter(({ domain }) => domain === name).map(({ days: left }) => left))
  }
  /** As many workers do, in one moment. */
  async function lookDaysBefore(left: number): Promise<void> {
    w.clock.advance(endsAt.getTime() - days(left) - w.clock.now().getTime())
    await Promise.all([w.look(), w.look(), w.look()])
  }

  /** Its server is away while `work` runs. */
  async function whileAway(work: () => Promise<void>): Promise<number> {
    const { hosts } = w.services
    let asked = 0
    const away: Services['hosts'] = {
      ...hosts,
      get: async () => {
        asked++
        throw new Error('Nobody answers')
      },
    }
    Object.assign(w.services, { hosts: away })
    await work().finally(() => Object.assign(w.services, { hosts }))
    return asked
  }

  it('is told of at 21, 7 and 1 days, each once for each name, however many look', async () => {
    await lookDaysBefore(22)
    expect(await toldDays()).toEqual([[], []])
    for (const left of [20.9, 20, 8]) await lookDaysBefore(left)
    expect(await toldDays()).toEqual([[21], [21]])
    for (const left of [6.9, 2]) await lookDaysBefore(left)
    expect(await toldDays()).toEqual([
      [21, 7],
      [21, 7],
    ])
    for (const left of [0.9, 0.5]) await lookDaysBefore(left)
    expect(await toldDays()).toEqual([
      [21, 7, 1],
      [21, 7, 1],
    ])
  })

  it('is told of when its server cannot be reached, too, also if nobody ever saw it', async () => {
    await whileAway(() => lookDaysBefore(6))

    expect(await toldDays()).toEqual([[7], [7]])
    expect((await told())[0]?.why).toBeTruthy()
    // What was told is not told again when it is seen at last.
    await lookDaysBefore(5)
    expect(await toldDays()).toEqual([[7], [7]])
    const [seen] = await w.test.query('select ends_at, failure from certificates')
    expect(seen).toMatchObject({ ends_at: expect.any(Date), failure: null })
  })

  it('is not looked for each minute while its server cannot be reached', async () => {
    const asked = await whileAway(async () => {
      await lookDaysBefore(30)
      for (let minute = 0; minute < 5; minute++) {
        w.clock.advance(minutes(1))
        await w.look()
      }
    })
    expect(asked).toBe(names.length)
  })

  it('is told of anew when another one takes its place', async () => {
    await lookDaysBefore(6)
    const next = makeCertificate({ names, begins: new Date(w.clock.now().getTime() - days(3643)) })
    const [row] = await w.test.query<{ id: string }>("select id from domains where name = 'www.example.test'")
    const given = { chain: next.certificate, privateKey: next.key }
    expect((await w.api('PUT', `/domains/${row?.id}/certificate`, given)).status).toBe(200)

    await whileAway(() => w.look())

    expect(await toldDays()).toEqual([[7, 7], [7]])
  })

  it('is told of once, also where nothing is shown in between', async () => {
    await w.test.query('delete from own_certificates')
    await lookDaysBefore(6)
    const { webPorts } = w.at.edge
    Object.assign(w.at.edge, { webPorts: async () => null })
    await lookDaysBefore(5)
    const [between] = await w.test.query('select ends_at from certificates')
    Object.assign(w.at.edge, { webPorts })

    await lookDaysBefore(4)

    expect(between).toEqual({ ends_at: null })
    expect(await toldDays()).toEqual([[7], []])
    await lookDaysBefore(0.9)
    expect(await toldDays()).toEqual([[7, 1], []])
  })
})
