import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chooseSignUp, forgetOldSignUps, signUpMode } from '../../server/sign-ups/sign-ups.js'
import { days } from '../support/clock.js'
import { type MailWorld, mailWorld } from '../support/mail-world.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { world } from '../support/people.js'

describe('sign-up', () => {
  let w: MailWorld
  let panel: TestPanel
  const open = async () => chooseSignUp(await w.personCtx('operator'), 'open')
  const ask = async (email: string) => {
    const browser = panel.browser()
    await browser.get('/sign-up')
    return browser.post('/sign-up', { email })
  }
  const link = async (email: string) => {
    await ask(email)
    await w.deliver()
    return w.link()
  }
  const people = async () =>
    (await w.test.query<{ email: string }>('select email from users')).map(({ email }) => email)
  const make = async (url: URL, fields: Record<string, string> = {}) => {
    const browser = panel.browser()
    const first = await browser.get(url.pathname + url.search)
    const page = first.status === 303 ? await browser.get('/sign-up/account') : first
    const token = url.searchParams.get('token') ?? ''
    const answer = await browser.post('/sign-up/account', {
      token,
      name: 'New',
      password: 'a boat on the lake',
      ...fields,
    })
    return { page, answer, browser }
  }

  beforeAll(async () => {
    w = await mailWorld()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query("update panel_settings set sign_up = 'invitation'")
    await w.test.query('truncate sign_ups')
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('is by invitation until the operator chooses otherwise, which is written down once', async () => {
    expect(await signUpMode(w.services)).toBe('invitation')
    expect((await ask('new@example.com')).status).toBe(403)
    await open()
    await open()

    expect(await signUpMode(w.services)).toBe('open')
    const events = await w.test.query("select actor_name, data from events where type = 'sign-up.chosen'")
    expect(events).toEqual([{ actor_name: 'Operator', data: { from: 'invitation', to: 'open' } }])
  })

  it('cannot be open on a panel that cannot send mail', async () => {
    const silent = await world()
    await expect(chooseSignUp(await silent.personCtx('operator'), 'open')).rejects.toMatchObject({ field: 'mode' })
    await silent.close()
  })

  it('mails a link with which the account is made, whose owner is signed in and in no team', async () => {
    await open()
    const { answer, browser } = await make(await link(' New@Example.com '))

    expect(answer.status).toBe(303)
    expect((await browser.get('/teams')).text).toContain('You are in no team')
    expect(await people()).toContain('new@example.com')
    const [event] = await w.test.query("select data from events where type = 'user.signed-up'")
    expect(event).toEqual({ data: { name: 'New', email: 'new@example.com' } })
  })

  it('ends the session that the browser had before, whose person is told so', async () => {
    await open()
    const browser = panel.browser(w.people.viewer.cookie)
    const url = await link('new@example.com')
    await browser.get(url.pathname + url.search)
    await browser.get('/sign-up/account')
    const token = url.searchParams.get('token') ?? ''
    const fields = { token, name: 'New', password: 'a boat on the lake' }

    expect((await browser.post('/sign-up/account', fields)).status).toBe(303)
    expect((await panel.browser(w.people.viewer.cookie).get('/profile')).status).toBe(303)
    expect((await browser.get('/profile')).text).toContain('new@example.com')
    const ended = await w.test.query(`select subject_id, data from events where type = 'session.ended'`)
    expect(ended).toEqual([{ subject_id: w.people.viewer.id, data: { why: 'another was begun in its browser' } }])
  })

  it('CS-10: opening the link makes nothing, and it still works afterwards', async () => {
    await open()
    const url = await link('new@example.com')
    const before = await people()
    for (const method of ['GET', 'HEAD']) await fetch(panel.url + url.pathname + url.search, { method })

    expect(await people()).toEqual(before)
    expect((await make(url)).answer.status).toBe(303)
  })

  it('SE-07: answers a known address and an unknown one alike, and tells only its owner', async () => {
    await open()
    const [known, unknown] = [await ask('owner@example.com'), await ask('new@example.com')]

    const shape = (text: string) => text.replace(/[\w.]+@example\.com|content="[^"]+"|value="[^"]+"/g, '')
    expect([known.status, shape(known.text)]).toEqual([unknown.status, shape(unknown.text)])
    const mails = await w.deliver()
    expect(mails.map(({ to, email }) => `${to[0]}: ${email.subject}`).sort()).toEqual([
      'new@example.com: Make your account',
      'owner@example.com: You have an account already',
    ])
    expect(mails.find(({ to }) => to[0] === 'owner@example.com')?.email.text).not.toContain('token')
  })

  it('works for one of twenty who use a link at once, and never again', async () => {
    await open()
    const url = await link('new@example.com')
    const answers = await Promise.all(Array.from({ length: 20 }, () => make(url)))

    expect(answers.filter(({ answer }) => answer.status === 303)).toHaveLength(1)
    expect((await make(url)).page.status).toBe(404)
    expect((await people()).filter((email) => email === 'new@example.com')).toHaveLength(1)
  })

  it('works for a day, and is forgotten then', async () => {
    await open()
    const url = await link('new@example.com')
    w.clock.advance(days(1))

    expect((await make(url)).page.status).toBe(404)
    expect(await forgetOldSignUps(w.services)).toBe(1)
  })

  it('ends when the operator closes it, also for links that are on their way', async () => {
    await open()
    const url = await link('new@example.com')
    await chooseSignUp(await w.personCtx('operator'), 'closed')

    expect((await make(url)).answer.status).toBe(403)
    expect((await panel.browser().get('/sign-up')).text).toContain('takes no new people')
  })

  it('keeps what was typed and says what is wrong with it', async () => {
    await open()
    const { answer } = await make(await link('new@example.com'), { password: 'short' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('Use at least 8 characters')
    expect(answer.text).toContain('value="New"')
    expect((await ask('nobody')).status).toBe(422)
  })

  it('RL-03: sends one address five mails an hour, known or not', async () => {
    await open()
    const statuses: number[] = []
    for (let time = 0; time < 6; time++) statuses.push((await ask('owner@example.com')).status)

    expect(statuses).toEqual([...Array(5).fill(200), 429])
  })

  it('is chosen by operators alone', async () => {
    const owner = panel.browser(w.people.owner.cookie)
    expect((await owner.get('/operator/sign-up')).status).toBe(404)
    const operator = panel.browser(w.people.operator.cookie)
    expect((await operator.get('/operator/sign-up')).text).toContain('Whom a team invites')
    expect((await operator.post('/operator/sign-up', { _method: 'put', mode: 'open' })).status).toBe(303)
    expect((await operator.post('/operator/sign-up', { _method: 'put', mode: 'half' })).status).toBe(422)
    expect(await signUpMode(w.services)).toBe('open')
  })
})
