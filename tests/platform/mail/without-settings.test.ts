import { afterAll, beforeAll, expect, it } from 'vitest'
import { sendDue } from '../../../server/platform/mail/outbox.js'
import { days } from '../../support/clock.js'
import { startMailSink } from '../../support/mail-sink.js'
import { setMail } from '../../support/mail-world.js'
import { type World, world } from '../../support/people.js'

let w: World
const write = () =>
  w.services.db.asIdentity((db) =>
    w.services.mail.sendMail(db, { to: 'ada@example.com', view: 'test', data: {} }, w.services.clock()),
  )
const send = () => sendDue(w.services, new AbortController().signal)
const outcomes = () => w.test.query('select outcome, why from mails order by created_at')

beforeAll(async () => {
  w = await world()
})
afterAll(() => w.close())

it('waits, is given up after a day with the reason, and is sent when the settings come in time', async () => {
  expect(w.services.mail.isSet).toBe(false)
  await write()
  await send()
  expect(await outcomes()).toEqual([{ outcome: null, why: null }])

  w.clock.advance(days(1))
  await write()
  await send()
  const given = { outcome: 'given-up', why: 'This panel has no settings for mail' }
  expect(await outcomes()).toEqual([given, { outcome: null, why: null }])

  const sink = await startMailSink()
  setMail(w.services, sink.url)
  await send()
  expect(await outcomes()).toEqual([given, { outcome: 'sent', why: null }])
  await sink.close()
})
