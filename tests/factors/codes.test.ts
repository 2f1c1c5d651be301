import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { beginApp, confirmApp, removeApp, spendAppCode } from '../../server/factors/apps.js'
import { factorsOf, finishSignIn, removeFactors } from '../../server/factors/factors.js'
import { remakeCodes } from '../../server/factors/recovery-codes.js'
import { days, minutes } from '../support/clock.js'
import { enter, halfCtx, identify, whence, withApp } from '../support/factors.js'
import { type World, world } from '../support/people.js'

let w: World
beforeAll(async () => {
  w = await world()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

const finish = async (code: string, ip?: string) => finishSignIn(await halfCtx(w, 'owner', ip), code, whence(ip))
const wrong = { status: 422, field: 'code' }
const outcomes = async (tries: Promise<unknown>[]) => {
  const settled = await Promise.allSettled(tries)
  return settled.filter(({ status }) => status === 'fulfilled').length
}

describe('an authenticator app', () => {
  it('counts only once it has shown a code', async () => {
    await beginApp(await w.personCtx('owner'))
    expect(await identify(w, await enter(w, 'owner'))).toMatchObject({ kind: 'person' })

    await expect(confirmApp(await w.personCtx('owner'), '000000')).rejects.toMatchObject(wrong)
    await w.reset()
    await withApp(w, 'owner')
    expect(await identify(w, await enter(w, 'owner'))).toMatchObject({ kind: 'half' })
  })

  it('is begun by each of several who do so at once, of whom the last counts, and is told of', async () => {
    const ctx = await w.personCtx('owner')
    for (let round = 0; round < 5; round++) expect(await outcomes([1, 2, 3].map(() => beginApp(ctx)))).toBe(3)

    expect(await w.test.query('select from authenticator_apps')).toHaveLength(1)
    expect(await w.test.query(`select from events where type = 'factor.app-begun'`)).toHaveLength(15)
  })

  it('has a secret that the database keeps sealed, and that no event tells', async () => {
    const { secret, recoveryCodes } = await withApp(w, 'owner')

    const kept = JSON.stringify([
      await w.test.query('select * from authenticator_apps'),
      await w.test.query(`select encode(code_hash, 'escape') as text from recovery_codes`),
      await w.test.query('select * from events'),
    ])
    for (const text of [secret, ...recoveryCodes]) expect(kept).not.toContain(text)
  })

  it('MF-01: signs in once with a code', async () => {
    const app = await withApp(w, 'owner')
    const code = app.code()

    expect((await finish(code)).value).toBeTruthy()
    await expect(finish(code)).rejects.toMatchObject(wrong)
  })

  it('MF-01: signs in one of twenty who come with the same code at once', async () => {
    const app = await withApp(w, 'owner')
    const code = app.code()
    // Past the limit of guesses, which would stop most of them before.
    const spend = () =>
      w.services.db.asIdentity((db) => spendAppCode(w.services, db, w.people.owner.id, code, w.clock.now()))
    const answers = await Promise.all(Array.from({ length: 20 }, spend))

    expect(answers.filter(Boolean)).toEqual([true])
  })

  it.each([-30, 0, 30])('MF-07: takes the code of %d seconds', async (seconds) => {
    const app = await withApp(w, 'owner')

    expect((await finish(app.code(seconds))).value).toBeTruthy()
  })

  it.each([-600, -60, 60])('MF-07: refuses the code of %d seconds', async (seconds) => {
    const app = await withApp(w, 'owner')

    await expect(finish(app.code(seconds))).rejects.toMatchObject(wrong)
  })

  it('takes no code of a step before the last one that was used, and goes on after a clock was set back', async () => {
    const app = await withApp(w, 'owner')
    await finish(app.code(30))

    await expect(finish(app.code(0))).rejects.toMatchObject(wrong)
    w.clock.advance(-minutes(10))
    await expect(finish(app.code(0))).rejects.toMatchObject(wrong)
    w.clock.advance(minutes(20))
    expect((await finish(app.code())).value).toBeTruthy()
  })

  it('MF-02: is shut after five wrong codes, by whatever session, address or password they come', async () => {
    const app = await withApp(w, 'owner')
    for (let guess = 0; guess < 5; guess++)
      await expect(finish('000000', `192.0.2.${guess}`)).rejects.toMatchObject({ status: 422 })

    await expect(finish(app.code(), '198.51.100.1')).rejects.toMatchObject({ status: 429 })
    await expect(finish(app.code(), '198.51.100.2')).rejects.toMatchObject({ status: 429 })
    w.clock.advance(minutes(16))
    expect((await finish(app.code())).value).toBeTruthy()
  })

  it('MF-02: is shut for the day after twenty wrong codes, and for nobody else', async () => {
    const app = await withApp(w, 'owner')
    const other = await withApp(w, 'admin')
    for (let round = 0; round < 4; round++) {
      for (let guess = 0; guess < 5; guess++) await finish('000000').catch(() => {})
      w.clock.advance(minutes(16))
    }

    await expect(finish(app.code())).rejects.toMatchObject({ status: 429 })
    expect((await finishSignIn(await halfCtx(w, 'admin'), other.code(), whence())).value).toBeTruthy()
    w.clock.advance(days(1))
    expect((await finish(app.code())).value).toBeTruthy()
  })

  it('SE-03: ends every other session when it is added and when it is removed', async () => {
    const before = await enter(w, 'owner')
    await withApp(w, 'owner')
    expect(await identify(w, before)).toEqual({ kind: 'visitor' })

    const app = await factorsOf(await w.personCtx('owner'))
    expect(app.recoveryCodesLeft).toBe(10)
    await removeApp(await w.personCtx('owner'))
    expect(await factorsOf(await w.personCtx('owner'))).toEqual({ app: null, passkeysCount: 0, recoveryCodesLeft: 0 })
    await expect(removeApp(await w.personCtx('owner'))).rejects.toMatchObject({ status: 404 })
  })

  it('is changed for another one: the old one opens nothing, and the recovery codes stay', async () => {
    const first = await withApp(w, 'owner')
    const second = await withApp(w, 'owner')

    expect(second.recoveryCodes).toEqual([])
    await expect(finish(first.code())).rejects.toMatchObject(wrong)
    expect((await finish(second.code())).value).toBeTruthy()
    expect((await finish(first.recoveryCodes[0] ?? '')).value).toBeTruthy()
  })

  it('waits half an hour for its first code', async () => {
    await beginApp(await w.personCtx('owner'))
    w.clock.advance(minutes(31))

    await expect(confirmApp(await w.personCtx('owner'), '123456')).rejects.toMatchObject({ status: 409 })
  })
})

describe('a lost second factor', () => {
  it('is taken away on the machine, with every session; the password stays', async () => {
    const app = await withApp(w, 'owner')
    const { value } = await finish(app.code())
    await removeFactors(w.services, 'owner@example.com')

    expect(await identify(w, value)).toEqual({ kind: 'visitor' })
    expect(await identify(w, await enter(w, 'owner'))).toMatchObject({ kind: 'person' })
    await expect(removeFactors(w.services, 'nobody@example.com')).rejects.toMatchObject({ status: 404 })
  })
})

describe('a recovery code', () => {
  it('MF-04: signs its person in once, however it is typed', async () => {
    const { recoveryCodes } = await withApp(w, 'owner')
    const [code = ''] = recoveryCodes

    expect((await finish(` ${code.toUpperCase().replaceAll('-', ' ')} `)).value).toBeTruthy()
    await expect(finish(code)).rejects.toMatchObject(wrong)
    expect(await factorsOf(await w.personCtx('owner'))).toMatchObject({ recoveryCodesLeft: 9 })
    const [session] = await w.test.query(`select begun_by from sessions where begun_by = 'recovery-code'`)
    expect(session).toBeTruthy()
  })

  it('MF-04: signs in one of many who come with it at once', async () => {
    const { recoveryCodes } = await withApp(w, 'owner')
    const halves = await Promise.all(Array.from({ length: 5 }, () => halfCtx(w, 'owner')))

    expect(await outcomes(halves.map((half) => finishSignIn(half, recoveryCodes[0] ?? '', whence())))).toBe(1)
  })

  it('MF-04: of somebody else is no code', async () => {
    await withApp(w, 'owner')
    const { recoveryCodes } = await withApp(w, 'admin')

    await expect(finish(recoveryCodes[0] ?? '')).rejects.toMatchObject(wrong)
    expect(await factorsOf(await w.personCtx('admin'))).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('MF-05: is one of ten, also when they are made anew several times at once', async () => {
    await withApp(w, 'owner')
    const ctx = await w.personCtx('owner')
    for (let round = 0; round < 5; round++) expect(await outcomes([1, 2, 3].map(() => remakeCodes(ctx)))).toBe(3)

    expect(await factorsOf(ctx)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('MF-05: made anew ends those before it; nobody without a second factor has any', async () => {
    const { recoveryCodes } = await withApp(w, 'owner')
    const codes = await remakeCodes(await w.personCtx('owner'))

    expect(new Set([...codes, ...recoveryCodes]).size).toBe(20)
    await expect(finish(recoveryCodes[0] ?? '')).rejects.toMatchObject(wrong)
    expect((await finish(codes[0] ?? '')).value).toBeTruthy()
    await expect(remakeCodes(await w.personCtx('viewer'))).rejects.toMatchObject({ status: 409 })
  })
})
