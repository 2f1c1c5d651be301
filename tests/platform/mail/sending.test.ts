import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { forgetOldMails, sendDue, takeDue } from '../../../server/platform/mail/outbox.js'
import { days, minutes } from '../../support/clock.js'
import { type MailWorld, mailWorld, setMail } from '../../support/mail-world.js'

describe('mail that is to be sent', () => {
  let w: MailWorld
  const to = 'ada@example.com'
  const write = (more: { key?: string; to?: string } = {}) =>
    w.services.db.asIdentity((db) =>
      w.services.mail.sendMail(db, { to, view: 'test', data: {}, ...more }, w.services.clock()),
    )
  const rows = () =>
    w.test.query('select recipient, outcome, why, attempts, content_sealed from mails order by created_at, id')

  beforeAll(async () => {
    w = await mailWorld()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('is sent once, from the address that was set, and what it said is erased', async () => {
    await write()
    expect(await rows()).toMatchObject([{ outcome: null, content_sealed: expect.stringMatching(/^v1\./) }])

    const [mail, ...more] = await w.deliver()
    await w.deliver()

    expect(more).toEqual([])
    expect(mail).toMatchObject({ from: 'panel@example.com', to: [to] })
    expect(mail?.email).toMatchObject({
      from: { name: 'Hostler', address: 'panel@example.com' },
      subject: 'A test of Hostler’s mail',
    })
    expect(mail?.email.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated')
    expect(await rows()).toMatchObject([{ outcome: 'sent', attempts: 1, content_sealed: null }])
  })

  it('is not there when what it tells of was not done', async () => {
    await w.services.db
      .asIdentity(async (db) => {
        await w.services.mail.sendMail(db, { to, view: 'test', data: {} }, w.services.clock())
        throw new Error('no')
      })
      .catch(() => undefined)

    expect(await w.deliver()).toEqual([])
  })

  it('is one, however often it is asked for under one key', async () => {
    await write({ key: 'welcome-1' })
    await write({ key: 'welcome-1' })
    await write({ key: 'welcome-2' })

    expect(await w.deliver()).toHaveLength(2)
  })

  it('is sent by one of two workers', async () => {
    for (let number = 0; number < 6; number++) await write()

    await Promise.all([w.deliver(), w.deliver(), w.deliver()])

    expect(w.sink.mails).toHaveLength(6)
  })

  it('bears the same Message-ID when it comes a second time, after a worker died with it in hand', async () => {
    await write()
    const row = await takeDue(w.services)
    await w.deliver()
    expect(w.sink.mails).toEqual([])

    w.clock.advance(minutes(3))
    await w.deliver()

    expect(w.sink.mails[0]?.email.messageId).toBe(`<${row?.id}@example.com>`)
  })

  it.each(['connect', 'from', 'to', 'data'] as const)('is tried again when it is put off (4xx at %s)', async (at) => {
    await write()
    w.sink.answer[at] = () => ({ code: 451, text: 'Come back later' })
    await w.deliver()
    expect(await rows()).toMatchObject([{ outcome: null, why: expect.stringContaining('Come back later') }])

    w.sink.answer = {}
    expect(await w.deliver()).toEqual([])
    w.clock.advance(15_000)

    expect(await w.deliver()).toHaveLength(1)
    expect(await rows()).toMatchObject([{ outcome: 'sent', attempts: 2, why: null }])
  })

  it.each(['from', 'to', 'data'] as const)('is given up when it is refused for good (5xx at %s)', async (at) => {
    await write()
    w.sink.answer[at] = () => ({ code: 550, text: 'No such mailbox' })
    await w.deliver()

    const why = expect.stringMatching(/^127\.0\.0\.1:\d+ refused it: .*No such mailbox$/)
    expect(await rows()).toMatchObject([{ outcome: 'given-up', attempts: 1, why }])
    const events = await w.test.query('select type, data from events')
    expect(events).toEqual([{ type: 'mail.given-up', data: { view: 'test', why } }])
  })

  it('keeps links out of the reason, also where the server quotes them', async () => {
    await write()
    w.sink.answer.data = () => ({ code: 554, text: 'Spam: https://panel.example.com/password-reset?token=abc' })
    await w.deliver()

    expect(JSON.stringify(await rows())).not.toContain('token=')
  })

  it('is not waited for longer than a while when the server says nothing, and the others are left for later', async () => {
    for (let number = 0; number < 8; number++) await write()
    setMail(w.services, w.sink.url, 300)
    w.sink.answer.from = () => new Promise(() => undefined)
    const startedAt = performance.now()

    await w.deliver().finally(() => setMail(w.services, w.sink.url))

    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect((await rows()).filter(({ attempts }) => attempts === 1)).toHaveLength(4)
    expect((await rows())[0]).toMatchObject({
      outcome: null,
      why: expect.stringMatching(/^There was no answer in time/),
    })
  })

  it('is left where it is when the worker stops in the middle', async () => {
    await write()
    const stopping = new AbortController()
    w.sink.answer.from = () => {
      stopping.abort(new Error('stopping'))
      return new Promise(() => undefined)
    }

    await expect(sendDue(w.services, stopping.signal)).rejects.toThrow('stopping')

    expect(await rows()).toMatchObject([{ outcome: null, attempts: 1, why: null }])
  })

  it('is tried for a day and then given up', async () => {
    await write()
    w.sink.answer.to = () => ({ code: 450, text: 'Full' })
    for (let hour = 0; hour <= 24; hour += 4) {
      await w.deliver()
      w.clock.advance(minutes(240))
    }

    const [row] = await rows()
    expect(row).toMatchObject({ outcome: 'given-up', why: expect.stringMatching(/Full. It was tried for a day$/) })
    expect(w.sink.connections).toBe(7)
  })

  it('can be read for a week after it was given up, and is forgotten after a month', async () => {
    await write()
    w.sink.answer.to = () => ({ code: 550, text: 'Nobody' })
    await w.deliver()

    w.clock.advance(days(7) + 1)
    await forgetOldMails(w.services)
    expect(await rows()).toMatchObject([{ outcome: 'given-up', content_sealed: null }])
    w.clock.advance(days(23))
    await forgetOldMails(w.services)
    expect(await rows()).toEqual([])
  })

  it('goes to one address, or is refused', async () => {
    await expect(write({ to: 'a@example.com, b@example.com' })).rejects.toThrow('one address')
    expect(await rows()).toEqual([])
  })
})
