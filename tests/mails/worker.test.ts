import { afterAll, beforeAll, expect, it } from 'vitest'
import { linkIn, type MailWorld, mailWorld } from '../support/mail-world.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { password } from '../support/people.js'
import { startWorker, type WorkerProcess } from '../support/worker-process.js'

let w: MailWorld
let panel: TestPanel
let worker: WorkerProcess

beforeAll(async () => {
  w = await mailWorld()
  // The worker has a clock of its own.
  Object.assign(w.services, { clock: () => new Date() })
  await w.reset()
  panel = await startTestPanel(w)
  worker = await startWorker(
    { services: w.services, database: w.test, team: w.acme, close: w.close },
    {
      HOSTLER_SMTP_URL: w.sink.url,
      HOSTLER_MAIL_FROM: 'Hostler <panel@example.com>',
      HOSTLER_URL: 'http://localhost:3000',
    },
  )
})
afterAll(async () => {
  await worker.kill()
  await panel.close()
  await w.close()
})

it('a running worker brings the mails that were asked for on pages, within seconds', async () => {
  const visitor = panel.browser()
  await visitor.get('/password-reset/requests')
  await visitor.post('/password-reset/requests', { email: 'owner@example.com' })
  await expect.poll(() => w.sink.mails.length, { timeout: 14_000 }).toBe(1)
  const link = linkIn(w.sink.mails[0])
  expect((await visitor.get(link.pathname + link.search)).headers.get('location')).toBe('/password-reset')

  const owner = panel.browser(w.people.owner.cookie)
  await owner.get('/profile/email')
  await owner.post('/profile/email', { _method: 'put', email: 'new@example.com', current: password })
  await expect.poll(() => w.sink.mails.at(-1)?.to, { timeout: 14_000 }).toEqual(['new@example.com'])

  // It is written down after the server has taken it.
  const outcomes = () => w.test.query('select distinct outcome, content_sealed from mails')
  await expect.poll(outcomes).toEqual([{ outcome: 'sent', content_sealed: null }])
})
