import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PersonCtx, VisitorCtx } from '../../server/platform/access/ctx.js'
import { Secret } from '../../server/platform/secret.js'
import { changeName, changePassword, profileOf } from '../../server/profile/profile.js'
import { NewName } from '../../server/profile/schema.js'
import { signIn } from '../../server/sessions/sign-in.js'
import { password, type World, world } from '../support/people.js'

const from = { ip: '192.0.2.1', userAgent: 'Test' }
const change = (current: string, next = 'another walk, this time uphill') => ({
  current: new Secret(current),
  password: new Secret(next),
})

describe('a profile', () => {
  let w: World
  const enter = (text: string) =>
    signIn(
      VisitorCtx.make(w.services),
      { email: 'owner@example.com', password: new Secret(text) },
      { ...from, oldCookie: undefined },
    )
  const identify = (cookie: string) => w.authorizer.identify({ url: '/', headers: { cookie } } as never)

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('SE-03: changes the password, ends every other session and keeps this one', async () => {
    const elsewhere = await enter(password)
    await changePassword(await w.personCtx('owner'), change(password), from)

    expect(await identify(`hostler-session=${elsewhere.value}`)).toEqual({ kind: 'visitor' })
    expect(await identify(w.people.owner.cookie)).toMatchObject({ kind: 'person' })
    expect(await identify(w.people.admin.cookie)).toMatchObject({ kind: 'person' })
    await expect(enter(password)).rejects.toMatchObject({ status: 422 })
    await expect(enter('another walk, this time uphill')).resolves.toBeTruthy()
  })

  it('asks the present password again', async () => {
    const attempt = changePassword(await w.personCtx('owner'), change('not the password'), from)

    await expect(attempt).rejects.toMatchObject({ status: 422, field: 'current' })
    await expect(enter(password)).resolves.toBeTruthy()
  })

  it('limits guesses at the present password like a sign-in', async () => {
    const ctx = await w.personCtx('owner')
    for (let guess = 0; guess < 10; guess++) await changePassword(ctx, change(`wrong ${guess}`), from).catch(() => {})

    await expect(changePassword(ctx, change(password), from)).rejects.toMatchObject({ status: 429 })
  })

  it('lets one of two changes at once through', async () => {
    const ctx = await w.personCtx('owner')
    const answers = await Promise.allSettled([
      changePassword(ctx, change(password, 'the first of two walks'), from),
      changePassword(ctx, change(password, 'the second of two walks'), from),
    ])

    expect(answers.map((answer) => answer.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('changes the name, which is in no need of markup or control characters', async () => {
    await changeName(await w.personCtx('owner'), 'Ada <b>')

    expect(await profileOf(await w.personCtx('owner'))).toEqual({ name: 'Ada <b>', email: 'owner@example.com' })
    expect(NewName.safeParse({ name: 'a\r\nb' }).success).toBe(false)
    expect(NewName.safeParse({ name: 'Ada', is_operator: true }).success).toBe(false)
  })

  it('AK-05: is out of reach of an API key', async () => {
    const { apiKey } = w.people.owner
    const who = await w.authorizer.identify({ url: '/', headers: { authorization: `Bearer ${apiKey}` } } as never)
    if (who.kind !== 'api-key') throw new Error('no key')
    const ctx = PersonCtx.of(w.services, { actor: who.actor, isOperator: false, sessionId: null })

    await expect(profileOf(ctx)).rejects.toMatchObject({ status: 403 })
    await expect(changePassword(ctx, change(password), from)).rejects.toMatchObject({ status: 403 })
  })
})
