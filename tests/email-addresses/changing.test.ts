import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askToChange } from '../../server/email-addresses/asking.js'
import { checkUndo, forgetOldUndos, undoChange } from '../../server/email-addresses/changing.js'
import { addressOf, checkConfirmation, confirmAddress } from '../../server/email-addresses/email-addresses.js'
import { checkReset, makeResetLink } from '../../server/password-resets/password-resets.js'
import { Secret } from '../../server/platform/secret.js'
import { days } from '../support/clock.js'
import { linkIn, type MailWorld, mailWorld } from '../support/mail-world.js'
import { password } from '../support/people.js'

const over = { status: 404, message: 'This link does not work any more' }

describe('a change of address', () => {
  let w: MailWorld
  const ask = async (email: string, current = password) =>
    askToChange(await w.personCtx('owner'), { email, current: new Secret(current) }, '192.0.2.1')
  const token = (mail = w.sink.mails.at(-1)) => linkIn(mail).searchParams.get('token') ?? ''
  const address = async () => {
    const [row] = await w.test.query('select email from users where id = $1', [w.people.owner.id])
    return row?.email
  }
  const identify = () => w.authorizer.identify({ url: '/', headers: { cookie: w.people.owner.cookie } } as never)
  /** Returns the token that brings the old one back. */
  const change = async (email: string) => {
    await ask(email)
    await w.deliver()
    await confirmAddress(w.services, token())
    await w.deliver()
    return token()
  }

  beforeAll(async () => {
    w = await mailWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('SE-11: happens when the link to the new address is pressed, and the old one is told', async () => {
    await ask('new@example.com')
    const [asked] = await w.deliver()
    expect(asked).toMatchObject({ to: ['new@example.com'], email: { subject: 'Confirm your new address' } })
    expect(await address()).toBe('owner@example.com')
    expect(await addressOf(await w.personCtx('owner'))).toMatchObject({ pendingEmail: 'new@example.com' })

    await confirmAddress(w.services, token())
    const [, told, ...more] = await w.deliver()

    expect(await address()).toBe('new@example.com')
    expect(more).toEqual([])
    expect(told).toMatchObject({ to: ['owner@example.com'], email: { subject: 'Your address was changed' } })
    expect(told?.email.text).toContain('new@example.com')
    expect(linkIn(told).pathname).toBe('/email-undo')
    expect(await w.test.query('select type, data from events order by sequence')).toEqual([
      { type: 'user.email-change-asked', data: {} },
      {
        type: 'user.email-changed',
        data: { before: { email: 'owner@example.com' }, after: { email: 'new@example.com' } },
      },
    ])
  })

  it('SE-11: asks for the password again, and for an address that is another', async () => {
    await expect(ask('new@example.com', 'wrong')).rejects.toMatchObject({ status: 422, field: 'current' })
    await expect(ask('owner@example.com')).rejects.toMatchObject({ status: 422, field: 'email' })
    expect(await w.deliver()).toEqual([])
  })

  it('SE-11: signs nobody in, and leaves those who are', async () => {
    await change('new@example.com')

    const sessions = await w.test.query('select 1 from sessions where user_id = $1', [w.people.owner.id])
    expect(sessions).toHaveLength(1)
    expect(await identify()).toMatchObject({ kind: 'person' })
  })

  it('SE-08: ends a link to choose a new password', async () => {
    const link = new URL((await makeResetLink(w.services, 'owner@example.com')).reveal())
    await change('new@example.com')

    await expect(checkReset(w.services, link.searchParams.get('token') ?? '')).rejects.toMatchObject(over)
  })

  it('SE-07: is not to be had with an address of somebody else, who is told, and the answer and the page are the same', async () => {
    await expect(ask('viewer@example.com')).resolves.toBeUndefined()
    const [mail] = await w.deliver()

    expect(mail).toMatchObject({ to: ['viewer@example.com'] })
    expect(mail?.email.text).toContain('It already has one')
    expect(mail?.email.text).not.toContain('token=')
    expect(await addressOf(await w.personCtx('owner'))).toMatchObject({ pendingEmail: 'viewer@example.com' })
  })

  it('SE-07: ends with another that is asked for, whosever that address is', async () => {
    await ask('new@example.com')
    await w.deliver()
    const link = token()
    await ask('viewer@example.com')

    await expect(checkConfirmation(w.services, link)).rejects.toMatchObject(over)
  })

  it('is refused when the address has become somebody else’s meanwhile', async () => {
    await ask('new@example.com')
    await w.deliver()
    await w.test.query('update users set email = $1 where id = $2', ['NEW@example.com', w.people.viewer.id])

    await expect(confirmAddress(w.services, token())).rejects.toMatchObject({ status: 409 })
    expect(await address()).toBe('owner@example.com')
  })

  it('dies with a change of the password', async () => {
    await ask('new@example.com')
    await w.deliver()
    await w.test.query('update users set password_hash = $1 where id = $2', ['other', w.people.owner.id])

    await expect(checkConfirmation(w.services, token())).rejects.toMatchObject(over)
  })

  it('SE-11: is undone from the old address within a week: everybody is out, and a new password is to be chosen', async () => {
    const undo = await change('new@example.com')
    w.clock.advance(days(6))

    expect(await checkUndo(w.services, undo)).toEqual({ email: 'owner@example.com' })
    await undoChange(w.services, undo)
    await w.deliver()

    expect(await address()).toBe('owner@example.com')
    expect(await identify()).toEqual({ kind: 'visitor' })
    expect(w.sink.mails.at(-1)).toMatchObject({
      to: ['owner@example.com'],
      email: { subject: 'Choose a new password' },
    })
    await expect(checkReset(w.services, token())).resolves.toBeUndefined()
    await expect(undoChange(w.services, undo)).rejects.toMatchObject(over)
  })

  it('SE-11: is undone also when the address was changed once more, and takes the links of later changes away', async () => {
    const first = await change('thief@example.com')
    w.clock.advance(1000)
    const second = await change('thief-two@example.com')

    await undoChange(w.services, first)

    expect(await address()).toBe('owner@example.com')
    await expect(undoChange(w.services, second)).rejects.toMatchObject(over)
  })

  it('SE-11: is undone by one of twenty at once', async () => {
    const undo = await change('new@example.com')

    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => undoChange(w.services, undo)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('SE-11: is not undone after a week', async () => {
    const undo = await change('new@example.com')
    w.clock.advance(days(7))

    await expect(checkUndo(w.services, undo)).rejects.toMatchObject(over)
    await expect(undoChange(w.services, undo)).rejects.toMatchObject(over)
    await forgetOldUndos(w.services)
    expect(await w.test.query('select 1 from email_undos')).toEqual([])
  })
})
