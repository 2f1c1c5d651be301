import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MailSink, startMailSink } from '../../support/mail-sink.js'
import { type TestServices, testServices } from '../../support/services.js'
import { startWorker } from '../../support/worker-process.js'

let test: TestServices
let sink: MailSink

beforeAll(async () => {
  test = await testServices()
  sink = await startMailSink()
})
afterAll(async () => {
  await sink.close()
  await test.close()
})

it('a worker killed between sending and writing it down: the mail comes again, and is known by its Message-ID', async () => {
  const { services, database } = test
  const settings = { HOSTLER_SMTP_URL: sink.url, HOSTLER_MAIL_FROM: 'panel@example.com' }
  const isTaken = new Promise<void>((resolve) => {
    sink.answer.data = () => {
      resolve()
      // The server has it all, and its answer does not arrive.
      return new Promise(() => undefined)
    }
  })
  const first = await startWorker(test, settings)
  await services.db.asIdentity((db) =>
    services.mail.sendMail(db, { to: 'ada@example.com', view: 'test', data: {} }, services.clock()),
  )
  await isTaken
  await first.kill()
  const [row] = await database.query<{ id: string }>('select id, outcome from mails')
  expect(row).toMatchObject({ outcome: null })

  sink.answer = {}
  await database.query('update mails set attempt_at = now()')
  const second = await startWorker(test, settings)
  await expect
    .poll(() => database.query('select outcome, attempts from mails'), { timeout: 20_000 })
    .toEqual([{ outcome: 'sent', attempts: 2 }])
  await second.kill()

  expect(sink.mails.map(({ email }) => email.messageId)).toEqual([`<${row?.id}@example.com>`])
})
