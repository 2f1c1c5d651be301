import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { resendVerification } from '../../server/email-addresses/asking.js'
import {
  addressOf,
  askToVerify,
  checkConfirmation,
  confirmAddress,
  verifyByShell,
} from '../../server/email-addresses/email-addresses.js'
import { maybeUser } from '../../server/users/users.js'
import { minutes } from '../support/clock.js'
import { type MailWorld, mailWorld } from '../support/mail-world.js'

const over = { status: 404, message: 'This link does not work any more' }

describe('an address that has to be proven', () => {
  let w: MailWorld
  const verifiedAt = async () => {
    const [row] = await w.test.query('select email_verified_at from users where id = $1', [w.people.viewer.id])
    return row?.email_verified_at
  }
  const ask = () =>
    w.services.db.asIdentity(async (db) => {
      const user = await maybeUser(db, w.people.viewer.id)
      if (user) await askToVerify(w.services, db, user, w.services.clock())
    })
  const token = async () => {
    await w.deliver()
    return w.link().searchParams.get('token') ?? ''
  }

  beforeAll(async () => {
    w = await mailWorld()
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query('update users set email_verified_at = null where id = $1', [w.people.viewer.id])
  })
  afterAll(() => w.close())

  it('is proven by the link that is sent there, once', async () => {
    await ask()
    const given = await token()
    expect(w.sink.mails[0]).toMatchObject({ to: ['viewer@example.com'], email: { subject: 'Confirm your address' } })
    expect(w.link().origin).toBe(w.services.config.baseUrl.origin)

    expect(await checkConfirmation(w.services, given)).toEqual({ email: 'viewer@example.com' })
    expect(await verifiedAt()).toBeNull()
    await confirmAddress(w.services, given)

    expect(await verifiedAt()).toEqual(w.clock.now())
    await expect(confirmAddress(w.services, given)).rejects.toMatchObject(over)
    const events = await w.test.query('select type, subject_id from events')
    expect(events).toEqual([{ type: 'user.email-verified', subject_id: w.people.viewer.id }])
  })

  it('is proven by one of twenty who press at once', async () => {
    await ask()
    const given = await token()

    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => confirmAddress(w.services, given)))

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is proven for a day, and only by the newest link', async () => {
    await ask()
    const first = await token()
    await ask()
    const second = await token()

    await expect(checkConfirmation(w.services, first)).rejects.toMatchObject(over)
    w.clock.advance(minutes(24 * 60))
    await expect(confirmAddress(w.services, second)).rejects.toMatchObject(over)
    expect(await verifiedAt()).toBeNull()
  })

  it.each(['', 'A'.repeat(43), '\0'])('is not proven by %j', async (wrong) => {
    await ask()

    await expect(checkConfirmation(w.services, wrong)).rejects.toMatchObject(over)
    await expect(confirmAddress(w.services, wrong)).rejects.toMatchObject(over)
  })

  it('keeps the token as a hash, and in no event', async () => {
    await ask()
    const given = await token()
    const tables = ['email_confirmations', 'events', 'mails']
    const rows = await Promise.all(tables.map((table) => w.test.query(`select t::text from ${table} t`)))

    expect(JSON.stringify(rows)).not.toContain(given)
  })

  it('is asked for again at most five times an hour', async () => {
    const ctx = await w.personCtx('viewer')
    for (let time = 0; time < 5; time++) await resendVerification(ctx, '192.0.2.1')

    await expect(resendVerification(ctx, '192.0.2.1')).rejects.toMatchObject({ status: 429 })
    expect(await w.deliver()).toHaveLength(5)
    expect(await addressOf(ctx)).toMatchObject({ isVerified: false, pendingEmail: null, sendsMail: true })
  })

  it('tells its person when it was asked for again, and from where: the link before it ends', async () => {
    await ask()
    const first = await token()
    await resendVerification(await w.personCtx('viewer'), '192.0.2.1')

    await expect(checkConfirmation(w.services, first)).rejects.toMatchObject(over)
    const events = await w.test.query('select type, actor_name, subject_id, address from events')
    const of = { actor_name: 'Viewer', subject_id: w.people.viewer.id, address: '192.0.2.1' }
    expect(events).toEqual([{ type: 'user.email-proof-asked', ...of }])
  })

  it('is not asked for again once it is proven', async () => {
    await resendVerification(await w.personCtx('owner'), '192.0.2.1')

    expect(await w.deliver()).toEqual([])
  })

  it('can be confirmed from the machine itself', async () => {
    await verifyByShell(w.services, 'viewer@example.com')
    await verifyByShell(w.services, 'viewer@example.com')

    expect(await verifiedAt()).toEqual(w.clock.now())
    expect(await w.test.query('select actor_name from events')).toEqual([{ actor_name: 'Shell' }])
    await expect(verifyByShell(w.services, 'nobody@example.com')).rejects.toMatchObject({ status: 404 })
  })
})
