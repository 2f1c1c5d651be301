import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MailWorld, mailWorld } from '../support/mail-world.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'

describe('the mail of the panel, as its operator sees it', () => {
  let w: MailWorld
  let panel: TestPanel
  const secret = 'https://panel.example.com/password-reset?token=not-for-operators'
  const write = async () => {
    const data = { link: secret, validMinutes: 30 }
    await w.services.db.asIdentity((db) =>
      w.services.mail.sendMail(db, { to: 'ada@example.com', view: 'password-reset', data }, w.services.clock()),
    )
    const [row] = await w.test.query<{ id: string }>('select id from mails order by created_at desc, id desc')
    return row?.id ?? ''
  }
  const operator = async () => {
    const browser = panel.browser(w.people.operator.cookie)
    return { browser, page: await browser.get('/operator/mail') }
  }

  beforeAll(async () => {
    w = await mailWorld()
    panel = await startTestPanel(w)
  })
  beforeEach(() => w.reset())
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('is listed with what came of it, and never what it says', async () => {
    expect((await operator()).page.text).toContain('No mail yet')
    await write()
    expect((await operator()).page.text).toContain('Waiting')
    w.sink.answer.to = () => ({ code: 451, text: 'Mailbox busy' })
    await w.deliver()
    expect((await operator()).page.text).toMatch(/Tried again later[\s\S]*Mailbox busy\. 1 attempt so far/)
    w.clock.advance(60_000)
    w.sink.answer.to = () => ({ code: 550, text: 'No such mailbox' })
    await w.deliver()

    const { page } = await operator()
    expect(page.text).toMatch(/ada@example\.com[\s\S]*Choose a new password[\s\S]*Given up[\s\S]*No such mailbox/)
    expect(page.text).not.toContain('not-for-operators')
  })

  it('is sent again when the operator says so, once, and that is written down', async () => {
    const id = await write()
    w.sink.answer.to = () => ({ code: 550, text: 'No such mailbox' })
    await w.deliver()
    w.sink.answer = {}
    const { browser } = await operator()

    const asked = await browser.post(`/operator/mail/${id}/retries`, {})
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/operator/mail'])
    expect(await w.deliver()).toHaveLength(1)

    expect((await browser.post(`/operator/mail/${id}/retries`, {})).status).toBe(409)
    const events = await w.test.query('select type, actor_id from events order by sequence')
    expect(events).toEqual([
      { type: 'mail.given-up', actor_id: null },
      { type: 'mail.retried', actor_id: w.people.operator.id },
    ])
  })

  it('says why one cannot be sent again', async () => {
    const id = await write()
    await w.test.query(`update mails set outcome = 'given-up', content_sealed = null, ended_at = now()`)

    expect((await operator()).page.text).toContain('What it said is gone')
    expect((await (await operator()).browser.post(`/operator/mail/${id}/retries`, {})).status).toBe(409)
  })

  it('AZ-02: is a page that is not there for anybody else, and for no mail that is not', async () => {
    const id = await write()
    const owner = panel.browser(w.people.owner.cookie)
    await owner.get('/profile')
    expect((await owner.get('/operator/mail')).status).toBe(404)
    expect((await owner.post(`/operator/mail/${id}/retries`, {})).status).toBe(404)
    expect((await owner.get('/profile')).text).not.toContain('/operator/mail')

    const { browser } = await operator()
    for (const wrong of ['nonsense', '01890000-0000-7000-8000-000000000001'])
      expect((await browser.post(`/operator/mail/${wrong}/retries`, {})).status).toBe(404)
  })
})
