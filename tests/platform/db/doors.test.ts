import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

const acme = '018f0000-0000-7000-8000-00000000000a'
const rival = '018f0000-0000-7000-8000-00000000000b'

describe('the doors into the database', () => {
  let test: TestDatabase

  beforeAll(async () => {
    test = await freshDatabase()
    await test.query(`insert into teams values ($1, 'acme', 'Acme', now()), ($2, 'rival', 'Rival', now())`, [
      acme,
      rival,
    ])
  })
  afterAll(() => test.close())

  it('logs in under a role that owns nothing, cannot bypass row-level security and cannot grow', async () => {
    const [role] = await test.query(
      `select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = 'hostler_login_test'`,
    )
    const owned = await test.query(`select 1 from pg_class where relowner = 'hostler_login_test'::regrole`)

    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false })
    expect(owned).toEqual([])
  })

  it('R04: soon takes the rows back from a process that fell asleep in a transaction', async () => {
    const { rows } = await test.db.asSystem((db) => db.raw('show idle_in_transaction_session_timeout'))

    expect(rows).toEqual([{ idle_in_transaction_session_timeout: '10s' }])
  })

  it('shows a team only its own rows, whatever the query asks for', async () => {
    const seen = await test.db.inTeam(acme, (db) => db('teams').select('slug'))

    expect(seen).toEqual([{ slug: 'acme' }])
  })

  it('refuses to write a row of another team', async () => {
    const write = test.db.inTeam(acme, (db) =>
      db('memberships').insert({ team_id: rival, user_id: acme, role: 'owner', created_at: new Date() }),
    )

    await expect(write).rejects.toThrow(/row-level security/)
  })

  it('shows nothing through the team door when no team is named', async () => {
    expect(await test.db.inTeam('', (db) => db('teams').select('slug'))).toEqual([])
  })

  it('refuses identity rows to a team and hosting rows to the identity door', async () => {
    await expect(test.db.inTeam(acme, (db) => db('users').select('id'))).rejects.toThrow(/permission denied/)
    await expect(test.db.asIdentity((db) => db('sites').select('id'))).rejects.toThrow(/permission denied/)
  })

  it('answers who somebody is on a connection that reads no hosting rows and changes nothing', async () => {
    expect(await test.db.askIdentity('select current_user::text as role', [])).toEqual([{ role: 'hostler_identity' }])
    await expect(test.db.askIdentity('select id from sites', [])).rejects.toThrow(/permission denied/)
    await expect(test.db.askIdentity('delete from sessions', [])).rejects.toThrow(/read-only transaction/)
  })

  it('lets no door change or remove an event', async () => {
    for (const door of ['asIdentity', 'asSystem', 'asOperator'] as const) {
      await expect(test.db[door]((db) => db('events').delete())).rejects.toThrow(/permission denied/)
      await expect(test.db[door]((db) => db('events').update({ type: 'x' }))).rejects.toThrow(/permission denied/)
    }
    await expect(test.db.inTeam(acme, (db) => db('events').delete())).rejects.toThrow(/permission denied/)
  })

  it('gives every table row-level security', async () => {
    const bare =
      await test.query(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not relrowsecurity and relname not like 'migrations%'`)

    expect(bare).toEqual([])
  })

  it('runs work registered for after the commit only when the transaction is kept', async () => {
    const ran: string[] = []

    await test.db.inTeam(acme, async (_, afterCommit) => afterCommit(async () => void ran.push('kept')))
    await test.db
      .inTeam(acme, async (_, afterCommit) => {
        afterCommit(async () => void ran.push('lost'))
        throw new Error('rolled back')
      })
      .catch(() => undefined)

    expect(ran).toEqual(['kept'])
  })
})
