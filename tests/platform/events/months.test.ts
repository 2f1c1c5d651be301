import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepEventMonths } from '../../../server/audit/audit.js'
import { migrate } from '../../../server/platform/db/migrate.js'
import { appendOutsideTeams } from '../../../server/platform/events/append.js'
import { outsideTeams } from '../../../server/platform/events/event.js'
import { rowHash } from '../../../server/platform/events/hash.js'
import { dropOldMonths, makeMonths } from '../../../server/platform/events/months.js'
import { catchUp } from '../../../server/platform/events/reader.js'
import { verifyChain } from '../../../server/platform/events/verify.js'
import { newId } from '../../../server/platform/ids.js'
import type { Services } from '../../../server/platform/services.js'
import { days } from '../../support/clock.js'
import { freshDatabase, migrationsFolder, type TestDatabase } from '../../support/database.js'

const system = { kind: 'system', id: null, name: 'Hostler' } as const

describe('the months of the event log', () => {
  let test: TestDatabase
  const add = (at = new Date()) =>
    test.db.asIdentity((db) =>
      appendOutsideTeams(db, system, { type: 'user.renamed', subject: { kind: 'user', id: newId() } }, at),
    )
  const ago = (count: number) => new Date(Date.now() - days(count))
  const verify = () => test.db.asOperator((db) => verifyChain(db, outsideTeams))
  const partitions = async () =>
    (
      await test.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events'::regclass order by 1`,
      )
    ).map(({ name }) => name)
  const nameOf = (at: Date) => `events_${at.toISOString().slice(0, 7).replace('-', '_')}`
  const countIn = async (name: string) =>
    (await test.query<{ count: number }>(`select count(*)::int as count from ${name}`))[0]?.count

  beforeEach(async () => {
    test = await freshDatabase()
  })
  afterEach(() => test.close())

  it('are made ahead, each once, closed to everybody but through the log', async () => {
    expect(await partitions()).toContain(nameOf(new Date()))
    expect(await makeMonths(test.db)).toEqual([])

    await test.query(`drop table ${(await partitions()).at(-2)}`)
    expect(await makeMonths(test.db)).toHaveLength(1)
    const [bare] = await test.query(
      `select count(*) filter (where not relrowsecurity)::int as open, count(*)::int as all from pg_class where relispartition and relname ~ '^events_' and relkind = 'r'`,
    )
    expect(bare).toMatchObject({ open: 0, all: 5 })
    for (const door of ['asIdentity', 'asSystem', 'asOperator'] as const)
      await expect(test.db[door]((db) => db.raw(`select * from ${nameOf(new Date())}`))).rejects.toThrow(
        /permission denied/,
      )
  })

  it('take in what came before they were there, and the chain is whole', async () => {
    for (const at of [ago(400), ago(365), ago(1)]) await add(at)
    expect(await countIn('events_default')).toBe(2)

    await makeMonths(test.db)

    expect(await countIn('events_default')).toBe(0)
    expect(await countIn(nameOf(ago(400)))).toBe(1)
    expect(await verify()).toEqual({ ok: true, events: 3 })
  })

  it('refuse a second event of the same number', async () => {
    await add()

    await expect(test.query('insert into events select * from events')).rejects.toThrow(/unique constraint/)
  })

  it('LG-06: a second event of a number that is in another month is found, also as the last', async () => {
    await add(ago(70))
    await add(ago(40))
    await makeMonths(test.db)

    await test.query(
      `insert into events select (jsonb_populate_record(event, jsonb_build_object('id', uuidv7(), 'at', $1::text))).*
        from events event where sequence = 2`,
      [ago(70).toISOString()],
    )
    await test.query(`update events set hash = ${rowHash} where sequence = 2`)

    expect(await verify()).toEqual({ ok: false, sequence: 2, why: 'There are two events of that number' })
  })

  it.each([
    ['before its beginning', 0, 'It stands before the beginning of the chain'],
    ['right behind its end', 3, 'It stands behind the head of the chain'],
    ['far behind its end', 1000, 'It stands behind the head of the chain'],
  ])('LG-06: an event that was put %s is found', async (_where, sequence, why) => {
    await add()
    await add()

    await test.query(
      `insert into events select (jsonb_populate_record(event, jsonb_build_object('id', uuidv7(), 'sequence', $1::bigint))).*
        from events event where sequence = 2`,
      [sequence],
    )

    expect(await verify()).toEqual({ ok: false, sequence, why })
  })

  it('LG-06: a chain without a head is found, also when its first event went too', async () => {
    for (let count = 0; count < 3; count++) await add()
    await test.query('delete from event_heads; delete from events where sequence = 1')

    expect(await verify()).toEqual({ ok: false, sequence: 2, why: 'The head of the chain is missing' })
  })

  it('LG-06: the panel can neither update, delete, truncate, detach nor drop, nor make a table', async () => {
    await add()
    const month = nameOf(new Date())

    for (const sql of [
      `update events set type = 'x'`,
      'delete from events',
      'truncate events',
      `truncate ${month}`,
      `delete from ${month}`,
      `insert into ${month} select * from events`,
      `alter table events detach partition ${month}`,
      `alter table events disable row level security`,
      'drop table events',
      `drop table ${month}`,
      'create table public.mine (id int)',
      'create trigger t before insert on events execute function make_event_months()',
      `delete from event_cuts`,
      `insert into event_cuts values ('${outsideTeams}', 1, '', now(), now())`,
    ])
      for (const door of ['asIdentity', 'asSystem', 'asOperator'] as const)
        await expect(
          test.db[door]((db) => db.raw(sql)),
          `${door}: ${sql}`,
        ).rejects.toThrow(/permission denied|must be owner|must be able/)
    const login = new pg.Client({ connectionString: test.loginUrl })
    await login.connect()
    for (const sql of ['delete from events', 'truncate events', 'select 1 from events', 'select make_event_months()'])
      await expect(login.query(`set role hostler_team; reset role; ${sql}`)).rejects.toThrow(/permission denied/)
    await login.end()
    expect(await verify()).toEqual({ ok: true, events: 1 })
  })

  it('go once nothing in them is younger than seven years, and the chain verifies from there', async () => {
    const old = ago(7 * 366 + 62)
    for (const at of [old, ago(7 * 366 + 40), ago(7 * 365 - 40), ago(1)]) await add(at)
    await makeMonths(test.db)

    const gone = await test.db.asSystem(dropOldMonths)

    expect(gone[0]).toEqual({ month: nameOf(old), events: expect.any(Number) })
    expect(gone.reduce((sum, { events }) => sum + events, 0)).toBe(2)
    expect(await partitions()).not.toContain(nameOf(old))
    expect(await verify()).toEqual({ ok: true, events: 2, since: 3 })
    expect(await test.db.asSystem(dropOldMonths)).toEqual([])

    await test.query(`update events set type = 'x' where sequence = 3`)
    expect(await verify()).toMatchObject({ ok: false, sequence: 3 })
  })

  it('go with an event that says so, in one transaction', async () => {
    for (const at of [ago(7 * 366 + 62), ago(7 * 366 + 31), ago(1)]) await add(at)
    const services = { db: test.db, clock: () => new Date() } as Services // `as`: all that it asks for

    await test.query('alter table event_heads rename to away')
    await expect(keepEventMonths(services)).rejects.toThrow()
    await test.query('alter table away rename to event_heads')
    expect(await verify()).toEqual({ ok: true, events: 3 })
    await keepEventMonths(services)
    await keepEventMonths(services)

    const told = await test.query(`select subject_name, data from events where type = 'event-log.month-dropped'`)
    expect(told).toEqual([
      { subject_name: nameOf(ago(7 * 366 + 62)), data: { events: 1 } },
      { subject_name: nameOf(ago(7 * 366 + 31)), data: { events: 1 } },
    ])
    expect(await verify()).toEqual({ ok: true, events: 3, since: 3 })
  })

  it('go while others append, and neither waits for the other for ever', async () => {
    const services = { db: test.db, clock: () => new Date() } as Services // `as`: all that it asks for
    for (const at of [ago(7 * 366 + 62), ago(7 * 366 + 31), ago(1)]) await add(at)
    await makeMonths(test.db)

    const appending = Array.from({ length: 40 }, () => add())
    await Promise.all([...appending, keepEventMonths(services), ...Array.from({ length: 40 }, () => add())])

    expect(await verify()).toEqual({ ok: true, events: 83, since: 3 })
  })

  it('LG-06: a cut that was not due is found', async () => {
    for (const at of [ago(3), ago(2), ago(1)]) await add(at)
    await test.query(
      `insert into event_cuts select team_id, sequence, hash, now(), now() from events where sequence = 2`,
    )
    await test.query('delete from events where sequence <= 2')

    expect(await verify()).toEqual({ ok: false, sequence: 2, why: 'It and what was before it went before their time' })
  })

  it('do not go when a chain would lose its middle with them', async () => {
    await add(ago(10))
    await add(ago(3000))
    await makeMonths(test.db)

    await expect(test.db.asSystem(dropOldMonths)).rejects.toThrow(/not the oldest of their chains/)
    expect(await verify()).toMatchObject({ ok: true, events: 2 })
  })

  it('let a reader go on across them, and past what went', async () => {
    const seen: number[] = []
    const reader = { name: 'test', handle: async ({ sequence }: { sequence: number }) => void seen.push(sequence) }
    await add(ago(3000))
    await add(ago(40))
    await catchUp(test.db, reader)
    await add(ago(41))
    await add()
    await makeMonths(test.db)
    await test.db.asSystem(dropOldMonths)
    await catchUp(test.db, reader)

    expect(seen).toEqual([1, 2, 3, 4])
  })

  it('take over a log that was in one table', async () => {
    const old = await mkdtemp(path.join(tmpdir(), 'migrations-'))
    for (const file of await readdir(migrationsFolder))
      if (file < '0140')
        await writeFile(path.join(old, file), `export { up } from '${path.join(migrationsFolder, file)}'`)
    await test.query('drop schema public cascade; create schema public; grant usage on schema public to public')
    await migrate(test.ownerUrl, old)
    await test.query(
      `insert into events (id, team_id, sequence, type, actor_kind, actor_name, subject_kind, data, at, previous_hash, hash)
       select uuidv7(), $1, n, 'user.renamed', 'system', 'Hostler', 'user', '{}', now() - n * interval '40 days', '', ''
       from generate_series(1, 30) n`,
      [outsideTeams],
    )
    await test.query(`insert into event_heads (team_id, sequence, hash) values ($1, 30, '')`, [outsideTeams])
    const before = await test.query('select id, sequence, at from events order by sequence')

    await migrate(test.ownerUrl, migrationsFolder)

    expect(await test.query('select id, sequence, at from events order by sequence')).toEqual(before)
    expect((await partitions()).length).toBeGreaterThan(30)
    expect(await countIn('events_default')).toBe(0)
    expect(await verify()).toEqual({ ok: true, events: 30 })
  })
})
