import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anchorText, printedKey } from '../../server/audit/anchor-text.js'
import { anchorEvents, anchorPublicKey, verifyLog } from '../../server/audit/audit.js'
import { appendInTeam, appendOutsideTeams } from '../../server/platform/events/append.js'
import { outsideTeams } from '../../server/platform/events/event.js'
import { firstHash, rowHash } from '../../server/platform/events/hash.js'
import { dropOldMonths, makeMonths } from '../../server/platform/events/months.js'
import { newId } from '../../server/platform/ids.js'
import { openContent } from '../../server/platform/mail/mail.js'
import type { Services } from '../../server/platform/services.js'
import { days, type TestClock, testClock } from '../support/clock.js'
import { type TestServices, testServices } from '../support/services.js'

const system = { kind: 'system', id: null, name: 'Hostler' } as const

describe('anchors of the event log', () => {
  let made: TestServices
  let services: Services
  let folder: string
  let clock: TestClock

  beforeEach(async () => {
    made = await testServices()
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'anchors-')), 'kept')
    clock = testClock()
    const config = { ...made.services.config, anchors: { folder, email: null } }
    services = { ...made.services, config, clock: clock.now }
  })
  afterEach(async () => {
    await made.close()
    await rm(path.dirname(folder), { recursive: true, force: true })
  })

  async function say(count: number): Promise<void> {
    for (let number = 0; number < count; number++)
      await services.db.asIdentity((db) =>
        appendOutsideTeams(
          db,
          system,
          { type: 'user.renamed', subject: { kind: 'user', id: newId() }, data: { number } },
          clock.now(),
        ),
      )
  }
  const verdict = async (known = {}) => {
    const { verdicts, refused } = await verifyLog(services, known)
    return refused[0] ?? new Map(verdicts).get(outsideTeams)
  }
  /** As somebody would who owns the database: every hash fits again, and the head with it. */
  async function rewriteFrom(sequence: number): Promise<void> {
    await made.database.query(`update events set actor_name = 'Somebody else' where sequence = $1`, [sequence])
    const rows = await made.database.query('select sequence from events order by sequence')
    let previous: Buffer = firstHash
    for (const row of rows) {
      await made.database.query('update events set previous_hash = $2 where sequence = $1', [row.sequence, previous])
      const [rewritten] = await made.database.query<{ hash: Buffer }>(
        `update events set hash = ${rowHash} where sequence = $1 returning hash`,
        [row.sequence],
      )
      previous = rewritten?.hash ?? previous
    }
    await made.database.query('update event_heads set hash = $1', [previous])
  }

  it('are made once a day, signed, and written where they were asked for', async () => {
    await say(3)
    await anchorEvents(services)
    await anchorEvents(services)
    clock.advance(days(1))
    await anchorEvents(services)

    expect(await readdir(folder)).toEqual(['events-2026-05-04.anchor', 'events-2026-05-05.anchor'])
    expect(await readFile(path.join(folder, 'events-2026-05-04.anchor'), 'utf8')).toMatch(
      new RegExp(
        `^Hostler event anchors, version 1\npanel http://localhost:3000\nday 2026-05-04\n${outsideTeams} 3 \\w{64} 2026-05-04T\\S+ from 1 2026-05-04T\\S+\nsignature \\S{88}\n$`,
      ),
    )
    expect(await verifyLog(services, { folder })).toMatchObject({ refused: [], anchors: 4 })
    expect(await verdict({ folder, key: await anchorPublicKey(services) })).toEqual({ ok: true, events: 3 })
  })

  it('are made of chains whose heads say no time, and those of before are read that say none', async () => {
    await say(3)
    await made.database.query('update event_heads set at = null')
    await anchorEvents(services)
    const file = path.join(folder, 'events-2026-05-04.anchor')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/ 3 \w{64} 2026-05-04T\S+ from 1 2026-05-04T/)

    const key = generateKeyPairSync('ed25519')
    const [head] = /\w{64}/.exec(text) ?? ['']
    const body = `Hostler event anchors, version 1\npanel http://localhost:3000\nday 2026-05-04\n${outsideTeams} 3 ${head}\n`
    await writeFile(file, `${body}signature ${sign(null, Buffer.from(body), key.privateKey).toString('base64')}\n`)
    await made.database.query('delete from event_anchors')
    expect(await verifyLog(services, { folder, key: printedKey(key.publicKey) })).toMatchObject({
      anchors: 1,
      refused: [],
    })
  })

  it('are mailed once to whom the operator names, in words that can be checked against', async () => {
    const config = { ...services.config, anchors: { folder: null, email: 'auditor@example.com' } }
    await say(2)
    await anchorEvents({ ...services, config })
    await anchorEvents({ ...services, config })
    const mails = await made.database.query('select id, recipient, content_sealed from mails')
    expect(mails).toHaveLength(1)
    expect(mails[0]?.recipient).toBe('auditor@example.com')

    const { text } = openContent(services, mails[0]?.id, mails[0]?.content_sealed)
    await mkdir(folder)
    await writeFile(path.join(folder, 'mail.txt'), text.replaceAll('\n', '\r\n'))
    await made.database.query('delete from event_anchors')
    expect(await verifyLog(services, { folder })).toMatchObject({ anchors: 1, refused: [] })
  })

  it('wait where the folder cannot be written to', async () => {
    await say(1)
    await writeFile(folder, 'a file is in the way')
    await expect(anchorEvents(services)).rejects.toThrow()

    await rm(folder)
    await anchorEvents(services)

    expect(await readdir(folder)).toHaveLength(1)
  })

  it('LG-06: find a chain that was written anew with hashes that fit', async () => {
    await say(3)
    await anchorEvents(services)
    clock.advance(days(1))
    await say(3)
    await anchorEvents(services)
    await rewriteFrom(5)
    await made.database.query('delete from event_anchors')

    expect(await verdict()).toEqual({ ok: true, events: 6 })
    expect(await verdict({ folder })).toEqual({
      ok: false,
      sequence: 6,
      why: 'It is not the one that was anchored: something was written anew after event 3',
    })
  })

  it('LG-06: find an end that was cut off together with its head, also by what the database itself has kept', async () => {
    await say(5)
    await anchorEvents(services)
    await made.database.query('delete from events where sequence > 3')
    await made.database.query(
      'update event_heads set sequence = 3, hash = (select hash from events where sequence = 3)',
    )
    const missing = { ok: false, sequence: 4, why: 'The events up to 5, which is anchored, are missing' }

    expect(await verdict()).toEqual(missing)
    await made.database.query('delete from event_anchors')
    expect(await verdict()).toEqual({ ok: true, events: 3 })
    expect(await verdict({ folder })).toEqual(missing)

    await made.database.query('delete from events')
    await made.database.query('delete from event_heads')
    expect(await verdict({ folder })).toMatchObject({ ok: false, sequence: 1 })
  })

  /** As if all up to the sixth had been older than seven years. */
  async function forgeCut(): Promise<void> {
    await made.database.query(
      `insert into event_cuts select team_id, sequence, hash, now() - interval '7 years 1 month', now()
        from events where sequence = 6`,
    )
    await made.database.query('delete from events where team_id = $1', [outsideTeams])
    await made.database.query('delete from event_anchors')
  }
  const beforeTime = { ok: false, sequence: 6, why: 'It and what was before it went before their time' }

  it.each([
    ['what came after the only anchor there is', 3],
    ['what was the end of it then', 6],
    ['what was in the middle of it then', 9],
  ])('LG-06: find a cut that says of %s that it was older than it is', async (_what, anchored) => {
    await say(anchored)
    await anchorEvents(services)
    await say(Math.max(0, 6 - anchored))
    await forgeCut()

    expect(await verdict()).toMatchObject(anchored > 6 ? { ok: false } : { ok: true, events: 0, since: 7 })
    expect(await verdict({ folder })).toEqual(beforeTime)
  })

  it('LG-06: find such a cut of a chain that had not begun when others were anchored', async () => {
    const event = { type: 'team.created', subject: { kind: 'team', id: newId() } } as const
    await services.db.asIdentity((db) => appendInTeam(db, newId(), system, event, clock.now()))
    await anchorEvents(services)
    clock.advance(days(1))
    await say(6)
    await forgeCut()

    expect(await verdict()).toEqual({ ok: true, events: 0, since: 7 })
    expect(await verdict({ folder })).toEqual(beforeTime)
  })

  it('LG-06: believe a cut that was due, also where the last of it was appended around midnight', async () => {
    const old = new Date(Date.now() - days(7 * 366 + 62))
    const month = new Date(Date.UTC(old.getUTCFullYear(), old.getUTCMonth() + 1))
    clock.advance(month.getTime() - 200 - clock.now().getTime())
    await say(5)
    clock.advance(400)
    await anchorEvents(services)
    clock.advance(-300)
    await say(1)
    clock.advance(Date.now() - clock.now().getTime())
    await makeMonths(services.db)
    await services.db.asSystem(dropOldMonths)

    expect(await verdict({ folder })).toEqual({ ok: true, events: 0, since: 7 })
  })

  it('LG-06: believe nobody else’s signature, and nothing that was altered', async () => {
    await say(2)
    await anchorEvents(services)
    const file = path.join(folder, 'events-2026-05-04.anchor')
    const text = await readFile(file, 'utf8')
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const forged = anchorText('2026-05-04', 'http://localhost:3000', [], privateKey)

    await writeFile(file, text.replace(' 2 ', ' 1 '))
    expect(await verdict({ folder })).toEqual({
      name: 'events-2026-05-04.anchor',
      why: 'It is not signed by this panel',
    })
    await writeFile(file, forged)
    expect(await verdict({ folder })).toMatchObject({ why: 'It is not signed by this panel' })
    await writeFile(file, text.slice(0, 100))
    expect(await verdict({ folder })).toMatchObject({ why: 'It is no anchor' })

    await writeFile(file, text)
    expect(await verdict({ folder, key: printedKey(publicKey) })).toMatchObject({
      why: 'It is not signed by this panel',
    })
    await expect(verifyLog(services, { key: 'nonsense' })).rejects.toThrow('This is no key')
  })

  it('LG-07: keep the private key sealed', async () => {
    await Promise.all([anchorPublicKey(services), anchorPublicKey(services)])
    const keys = await made.database.query('select public_key, private_sealed from anchor_keys')

    expect(keys).toEqual([
      { public_key: await anchorPublicKey(services), private_sealed: expect.stringMatching(/^v1\.[0-9a-f]{8}\./) },
    ])
  })
})
