import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TransactionOf } from '../../../server/platform/db/doors.js'
import { appendInTeam, appendOutsideTeams } from '../../../server/platform/events/append.js'
import { type OutsideEvent, outsideTeams } from '../../../server/platform/events/event.js'
import { catchUp } from '../../../server/platform/events/reader.js'
import { verifyChain } from '../../../server/platform/events/verify.js'
import { newId } from '../../../server/platform/ids.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'

const system = { kind: 'system', id: null, name: 'Hostler' } as const

describe('the event log', () => {
  let test: TestDatabase
  const add = (type: OutsideEvent['type'], data = {}) =>
    test.db.asIdentity((db) =>
      appendOutsideTeams(db, system, { type, subject: { kind: 'user', id: newId() }, data }, new Date()),
    )
  const verify = () => test.db.asOperator((db) => verifyChain(db, outsideTeams))

  beforeAll(async () => {
    test = await freshDatabase()
  })
  afterAll(() => test.close())

  it('keeps one gapless chain when many append at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => add('user.renamed', { b: index, a: { y: 1, x: undefined } })),
    )

    expect(await verify()).toEqual({ ok: true, events: 20 })
  })

  it('loses an event whose transaction is rolled back, and leaves no gap', async () => {
    await test.db
      .asIdentity(async (db) => {
        await appendOutsideTeams(db, system, { type: 'user.renamed', subject: { kind: 'user', id: null } }, new Date())
        throw new Error('rolled back')
      })
      .catch(() => undefined)

    expect(await verify()).toEqual({ ok: true, events: 20 })
  })

  it('gives a reader every event once and in order, also when its work fails half-way', async () => {
    const seen: number[] = []
    let fails = true
    const reader = {
      name: 'test',
      handle: async (event: { sequence: number }) => {
        if (event.sequence === 7 && fails) throw new Error('not yet')
        seen.push(event.sequence)
      },
    }

    await expect(catchUp(test.db, reader)).rejects.toMatchObject({ errors: [{ message: 'not yet' }] })
    fails = false
    seen.length = 0
    await Promise.all([catchUp(test.db, reader), catchUp(test.db, reader)])

    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('is read on in every other chain while one cannot be', async () => {
    const teams = [newId(), newId(), newId()].sort()
    for (const id of teams)
      await test.db.asIdentity((db) =>
        appendInTeam(db, id, system, { type: 'team.created', subject: { kind: 'team', id } }, new Date()),
      )
    const seen: string[] = []
    const reader = {
      name: 'one-sided',
      handle: async ({ team_id: id }: { team_id: string }) => {
        if (id === teams[0]) throw new Error('not this one')
        if (id !== outsideTeams) seen.push(id)
      },
    }

    await expect(catchUp(test.db, reader)).rejects.toThrow('one-sided could not read 1 chains')
    expect(seen.sort()).toEqual(teams.slice(1))
  })

  it('LG-06: names the first event that somebody altered, removed or cut off', async () => {
    const [altered] = await test.query<{ data: unknown }>('select data from events where sequence = 3')
    await test.query(`update events set data = '{"forged":true}' where sequence = 3`)
    expect(await verify()).toEqual({ ok: false, sequence: 3, why: 'It was altered' })
    await test.query('update events set data = $1 where sequence = 3', [JSON.stringify(altered?.data)])
    expect(await verify()).toMatchObject({ ok: true })

    await test.query('delete from events where sequence = 20')
    expect(await verify()).toEqual({ ok: false, sequence: 20, why: 'The newest events are missing' })
    await test.query('delete from events where sequence = 5')
    expect(await verify()).toMatchObject({ ok: false, sequence: 5, why: 'The event is missing' })
  })

  it('keeps nobody waiting for a transaction that goes on after it has appended, nor two for each other', async () => {
    const team = newId()
    const told = { type: 'team.created', subject: { kind: 'team', id: team } } as const
    const signedIn = { type: 'session.started', subject: { kind: 'user', id: newId() } } as const
    const inTeam = (db: TransactionOf<'identity'>) => appendInTeam(db, team, system, told, new Date())
    const outside = (db: TransactionOf<'identity'>) => appendOutsideTeams(db, system, signedIn, new Date())

    await test.db.asIdentity(async (db) => {
      await inTeam(db)
      await outside(db)
      await test.db.asIdentity(async (other) => {
        await outside(other)
        await inTeam(other)
      })
    })
    const both = (first: typeof inTeam, second: typeof inTeam) =>
      test.db.asIdentity(async (db) => {
        await first(db)
        await second(db)
      })
    await Promise.all(
      Array.from({ length: 20 }, (_, round) => (round % 2 ? both(inTeam, outside) : both(outside, inTeam))),
    )

    const [found] = await test.query('select sequence from event_heads where team_id = $1', [team])
    expect(found).toEqual({ sequence: 22 })
    expect(await test.db.asOperator((db) => verifyChain(db, team))).toEqual({ ok: true, events: 22 })
  })
})
