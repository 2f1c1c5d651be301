import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPool } from '../../../server/platform/db/connect.js'
import { type Database, openDatabase, type TransactionOf } from '../../../server/platform/db/doors.js'
import { type Connection, transact } from '../../../server/platform/db/transact.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

const acme = '018f0000-0000-7000-8000-00000000000a'
const rival = '018f0000-0000-7000-8000-00000000000b'

describe('a transaction', () => {
  let test: TestDatabase
  /** Of one connection, so that each transaction finds what the one before it left there. */
  let db: Database

  beforeAll(async () => {
    test = await freshDatabase()
    await test.query(`insert into teams values ($1, 'acme', 'Acme', now()), ($2, 'rival', 'Rival', now())`, [
      acme,
      rival,
    ])
    db = openDatabase(test.loginUrl, { maxConnections: 1 })
  })
  afterAll(async () => {
    await db.close()
    await test.close()
  })
  beforeEach(() => test.query(`update teams set name = initcap(slug)`))

  const rename = (trx: TransactionOf<'team'>, name: string) => trx('teams').update({ name })
  const fail = (trx: TransactionOf<'team'>) => trx.raw('select 1 / 0')
  const names = async () =>
    (await test.query<{ name: string }>('select name from teams order by slug')).map((t) => t.name)
  const processOf = (trx: TransactionOf<'team'>) =>
    trx.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid').then(({ rows }) => rows[0]?.pid)

  it('keeps nothing when a query in the middle fails, and leaves the connection fit for the next', async () => {
    const before = await db.inTeam(acme, processOf)

    const failed = db.inTeam(acme, async (trx) => {
      await rename(trx, 'Changed')
      await fail(trx)
      await rename(trx, 'Never')
    })

    await expect(failed).rejects.toThrow('division by zero')
    expect(await names()).toEqual(['Acme', 'Rival'])
    expect(await db.inTeam(acme, processOf)).toBe(before)
  })

  it('rejects with the first of the queries that were sent together, and drops them all', async () => {
    const failed = db.inTeam(acme, (trx) => Promise.all([rename(trx, 'Changed'), fail(trx), rename(trx, 'Never')]))

    await expect(failed).rejects.toThrow('division by zero')
    expect(await names()).toEqual(['Acme', 'Rival'])
  })

  it('keeps nothing when the work fails by itself, before any query was answered', async () => {
    const failed = db.inTeam(acme, async (trx) => {
      void rename(trx, 'Changed').then(
        () => undefined,
        () => undefined,
      )
      throw new Error('changed my mind')
    })

    await expect(failed).rejects.toThrow('changed my mind')
    expect(await names()).toEqual(['Acme', 'Rival'])
  })

  it('says why it could not be opened, and the connection is fit for the next', async () => {
    const pool = openPool(test.loginUrl, 1)
    const ask = (sql: string) => (connection: Connection) =>
      new Promise((resolve, reject) =>
        connection.query({ text: sql }, (error, answer) => (error ? reject(error) : resolve(answer))),
      )

    const refused = transact(pool, 'set local role nobody_at_all', ask('select 1'))

    await expect(refused).rejects.toThrow('role "nobody_at_all" does not exist')
    await expect(transact(pool, 'select 1', ask('select 1'))).resolves.toMatchObject({ rowCount: 1 })
    await pool.end()
  })

  it('refuses a query that comes after its end, when the connection is in the hands of another team', async () => {
    const kept: TransactionOf<'team'>[] = []
    await db.inTeam(acme, async (trx) => void kept.push(trx))

    await db.inTeam(rival, async () => {
      await expect(Promise.all(kept.map((trx) => rename(trx, 'Stolen')))).rejects.toThrow('This transaction is over')
    })
    expect(await names()).toEqual(['Acme', 'Rival'])
  })

  it('leaves neither role nor team on the connection', async () => {
    await db.inTeam(acme, (trx) => rename(trx, 'Acme'))
    await db.inTeam(acme, fail).catch(() => undefined)

    const left = await db.asIdentity((trx) =>
      trx.raw(`select current_user, current_setting('hostler.team_id') as team`),
    )

    expect(left.rows).toEqual([{ current_user: 'hostler_identity', team: '' }])
  })

  it('is rolled back when its query is cancelled, and its connection used again', async () => {
    const pid = await db.inTeam(acme, processOf)

    const cancelled = db.inTeam(acme, async (trx) => {
      await rename(trx, 'Changed')
      await trx.raw('select pg_sleep(10)')
    })
    const told = expect(cancelled).rejects.toThrow('canceling statement due to user request')
    await untilAsleep(pid)
    await test.query('select pg_cancel_backend($1)', [pid])

    await told
    expect(await names()).toEqual(['Acme', 'Rival'])
    expect(await db.inTeam(acme, processOf)).toBe(pid)
  })

  it('fails when its connection is lost, and the next one gets another', async () => {
    const pid = await db.inTeam(acme, processOf)

    const lost = db.inTeam(acme, (trx) => trx.raw('select pg_sleep(10)'))
    const told = expect(lost).rejects.toThrow('terminating connection')
    await untilAsleep(pid)
    await test.query('select pg_terminate_backend($1)', [pid])

    await told
    expect(await db.inTeam(acme, processOf)).not.toBe(pid)
  })

  it('changes nothing when it only reads, and leaves the next one free to', async () => {
    const refused = db.inTeam(acme, (trx) => rename(trx, 'Changed'), 'read only')

    await expect(refused).rejects.toThrow('cannot execute UPDATE in a read-only transaction')
    await db.inTeam(acme, (trx) => trx('teams').select('name'), 'read only')
    await db.inTeam(acme, (trx) => rename(trx, 'Changed'))
    expect(await names()).toEqual(['Changed', 'Rival'])
  })

  it('sees what was committed before it, though nobody waited for the one that read in between', async () => {
    const read = () => db.inTeam(acme, (trx) => trx.rows<{ name: string }>('select name from teams', []), 'read only')
    await read()
    await db.inTeam(acme, (trx) => rename(trx, 'Changed'))

    expect(await Promise.all([read(), read()])).toEqual([[{ name: 'Changed' }], [{ name: 'Changed' }]])
  })

  it('goes on asking what it asked before when a migration has added a column', async () => {
    const all = () => db.inTeam(acme, (trx) => trx('teams').select('*').first())
    const name = () => db.inTeam(acme, (trx) => trx('teams').select('name').first())
    await all()
    await name()
    await test.query('alter table teams add column motto text')

    expect(await all()).toHaveProperty('motto', null)
    expect(await name()).toEqual({ name: 'Acme' })
  })

  it.each([
    '2026-11-21 15:04:05.678901+00',
    '2026-11-21 15:04:05+00',
    '2026-11-21 15:04:05.6+05:30',
    '0044-03-15 12:00:00+00 BC',
    '12026-01-01 00:00:00+00',
    'infinity',
  ])('reads the time %s as it is', async (text) => {
    const [row] = await db.asIdentity((trx) =>
      trx.rows<{ at: Date | number; ms: number | null }>(
        `select $1::timestamptz as at, case when isfinite($1::timestamptz) then floor(extract(epoch from $1::timestamptz) * 1000)::float8 end as ms`,
        [text],
      ),
    )

    expect(row?.at.valueOf()).toBe(row?.ms ?? Number.POSITIVE_INFINITY)
  })

  it('has a statement planned once for a connection', async () => {
    const ask = () => db.inTeam(acme, (trx) => trx.rows('select slug from teams where id = $1', [acme]))
    for (let time = 0; time < 8; time++) await ask()

    const plans = await db.inTeam(acme, (trx) =>
      trx.rows(
        `select custom_plans, generic_plans from pg_prepared_statements where statement like 'select slug%'`,
        [],
      ),
    )
    expect(plans).toEqual([{ custom_plans: 5, generic_plans: 3 }])
  })

  it('can be closed twice: a signal and the end of the parent may come together', async () => {
    const other = openDatabase(test.loginUrl)
    await other.ping()

    await expect(Promise.all([other.close(), other.close()])).resolves.toHaveLength(2)
  })

  async function untilAsleep(pid: number | undefined): Promise<void> {
    await expect
      .poll(() => test.query(`select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`, [pid]))
      .toHaveLength(1)
  }
})
