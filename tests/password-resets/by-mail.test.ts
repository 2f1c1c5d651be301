import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { answerRequests, requestReset } from '../../server/password-resets/requests.js'
import { minutes } from '../support/clock.js'
import { linkIn, type MailWorld, mailWorld } from '../support/mail-world.js'

describe('asking for a link to choose a new password', () => {
  let w: MailWorld
  const ask = (email: string, ip = '192.0.2.1') => requestReset(w.services, email, ip)
  const answer = () => answerRequests(w.services, new AbortController().signal)

  beforeAll(async () => {
    w = await mailWorld()
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query('truncate reset_requests, password_resets')
  })
  afterAll(() => w.close())

  it('SE-08, SE-09: sends it to who signs in here, with a link to the configured address', async () => {
    await ask('owner@example.com')
    await answer()
    const [mail, ...more] = await w.deliver()

    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: ['owner@example.com'], email: { subject: 'Choose a new password' } })
    const link = linkIn(mail)
    expect([link.origin, link.pathname]).toEqual([w.services.config.baseUrl.origin, '/password-reset'])
    expect(mail?.email.html).toContain(`href="${link.href.replace(/&/g, '&amp;')}"`)
  })

  it('SE-07: sends nothing to who does not, and leaves the same behind', async () => {
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.admin.id])
    await ask('nobody@example.com')
    await ask('admin@example.com', '192.0.2.2')
    await ask('owner@example.com', '192.0.2.3')

    const rows = await w.test.query<{ email_sealed: string }>('select * from reset_requests')
    expect(rows).toHaveLength(3)
    expect(JSON.stringify(rows)).not.toMatch(/example\.com/)
    await answer()
    expect((await w.deliver()).map(({ to }) => to)).toEqual([['owner@example.com']])
    expect(await w.test.query('select 1 from reset_requests')).toEqual([])
  })

  it('SE-07: does the same work for both before it answers', async () => {
    const statements = async (email: string) => {
      const before = await counted()
      await ask(email, '192.0.2.9')
      return (await counted()) - before
    }
    // What the database did for each, in rows: a clock would only say so on an idle machine.
    const counted = async () => {
      const [row] = await w.test.query<{ rows: string }>(
        'select (select count(*) from reset_requests) * 100 + (select count(*) from sign_in_attempts) as rows',
      )
      return Number(row?.rows)
    }

    await ask('warm@example.com', '192.0.2.9')
    expect(await statements('owner@example.com')).toBe(await statements('nobody@example.com'))
    expect(await w.test.query('select 1 from mails')).toEqual([])
    expect(await w.test.query('select 1 from password_resets')).toEqual([])
  })

  it('SE-08: makes the link before it useless', async () => {
    await ask('owner@example.com')
    await answer()
    await ask('owner@example.com')
    await answer()
    const mails = await w.deliver()

    const hashes = await w.test.query('select token_hash from password_resets')
    expect([mails.length, hashes.length]).toEqual([2, 1])
    expect(linkIn(mails[0]).href).not.toBe(linkIn(mails[1]).href)
  })

  it('is answered once, however many workers look', async () => {
    await ask('owner@example.com')
    await ask('viewer@example.com')

    await Promise.all([answer(), answer(), answer()])

    expect(await w.deliver()).toHaveLength(2)
  })

  it('RL-05: is limited for an account, from wherever, known or not', async () => {
    for (const email of ['owner@example.com', 'nobody@example.com']) {
      for (let time = 0; time < 5; time++) await ask(email, `192.0.2.${time}`)
      await expect(ask(email, '198.51.100.1')).rejects.toMatchObject({ status: 429 })
    }
    w.clock.advance(minutes(61))
    await expect(ask('owner@example.com')).resolves.toBeUndefined()
  })

  it('RL-03: is limited for an address, over all accounts', async () => {
    for (let time = 0; time < 20; time++) await ask(`user${time}@example.com`, `2001:db8::${time + 1}`)

    await expect(ask('owner@example.com', '2001:db8::ffff')).rejects.toMatchObject({ status: 429 })
    await expect(ask('owner@example.com', '2001:db8:0:1::1')).resolves.toBeUndefined()
  })
})
