import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MailWorld, mailWorld } from '../support/mail-world.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { password, world } from '../support/people.js'

describe('the pages of addresses', () => {
  let w: MailWorld
  let panel: TestPanel
  const signedIn = () => panel.browser(w.people.owner.cookie)
  const openLink = async (at = panel.browser()) => {
    await w.deliver()
    const link = w.link()
    const { status, headers } = await at.get(link.pathname + link.search)
    expect([status, headers.get('location'), headers.get('referrer-policy')]).toEqual([
      303,
      link.pathname,
      'no-referrer',
    ])
    return { page: await at.get(link.pathname), path: link.pathname, token: link.searchParams.get('token') ?? '' }
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

  it('SE-11: change one’s own, and bring it back, without JavaScript', async () => {
    const owner = signedIn()
    await owner.get('/profile/email')
    const asked = await owner.post('/profile/email', { _method: 'put', email: 'New@Example.com', current: password })
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/profile/email'])
    expect((await owner.get('/profile/email')).text).toContain('A link was sent to new@example.com')

    const phone = panel.browser()
    const { page, path, token } = await openLink(phone)
    expect(page.text).toContain('Confirm new@example.com')
    expect((await phone.post(path, { token })).status).toBe(303)
    expect(phone.cookie('hostler-session')).toBeUndefined()
    expect((await owner.get('/profile')).text).toContain('new@example.com')

    const old = panel.browser()
    const undo = await openLink(old)
    expect(undo.page.text).toContain('Bring owner@example.com back')
    const undone = await old.post(undo.path, { token: undo.token })
    expect([undone.status, undone.headers.get('location')]).toEqual([303, '/sign-in'])
    expect((await owner.get('/profile')).headers.get('location')).toBe('/sign-in?next=%2Fprofile')
  })

  it('CS-10: change nothing by GET and HEAD', async () => {
    const owner = signedIn()
    await owner.get('/profile/email')
    await owner.post('/profile/email', { _method: 'put', email: 'new@example.com', current: password })
    await w.deliver()
    const { pathname, search } = w.link()
    const rows = () => w.test.query('select u.email, c.* from users u join email_confirmations c on c.user_id = u.id')
    const before = await rows()

    for (const method of ['GET', 'HEAD', 'GET'])
      expect((await fetch(panel.url + pathname + search, { method, redirect: 'manual' })).status).toBe(303)

    expect(await rows()).toEqual(before)
  })

  it('say beside the field what is wrong, and keep what was typed', async () => {
    const owner = signedIn()
    await owner.get('/profile/email')
    const send = (email: string, current: string) => owner.post('/profile/email', { _method: 'put', email, current })

    const nonsense = await send('nonsense', password)
    expect([nonsense.status, nonsense.text.includes('This is not an email address')]).toEqual([422, true])
    const wrong = await send('new@example.com', 'wrong')
    expect([wrong.status, wrong.text.includes('not your present password')]).toEqual([422, true])
    expect(wrong.text).toContain('value="new@example.com"')
  })

  it('AK-05: are out of reach of an API key', async () => {
    const answer = await fetch(`${panel.url}/profile/email`, {
      headers: { authorization: `Bearer ${w.people.owner.apiKey}` },
    })

    expect(answer.status).toBe(403)
  })

  it('keep somebody new out of everything else until the address is proven', async () => {
    await w.test.query('update users set email_verified_at = null where id = $1', [w.people.owner.id])
    const owner = signedIn()
    for (const path of ['/', '/teams/acme', '/profile', '/sign-in'])
      expect((await owner.get(path)).status, path).toBe(303)
    expect((await owner.get('/teams/acme')).headers.get('location')).toBe('/profile/email')
    const page = await owner.get('/profile/email')
    expect(page.text).toContain('A link was sent to owner@example.com')
    expect(page.text).not.toContain('href="/teams/acme')

    expect((await owner.post('/profile/email/verification', {})).status).toBe(303)
    const { path, token } = await openLink(owner)
    const done = await owner.post(path, { token })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/'])
    expect((await owner.get('/teams/acme')).status).toBe(200)
  })

  it('let somebody new mend a slip in the address, or leave', async () => {
    await w.test.query('update users set email_verified_at = null where id = $1', [w.people.owner.id])
    const owner = signedIn()
    await owner.get('/profile/email')
    await owner.post('/profile/email', { _method: 'put', email: 'right@example.com', current: password })
    const { path, token } = await openLink(owner)
    await owner.post(path, { token })

    expect((await owner.get('/teams/acme')).status).toBe(200)
    expect((await owner.post('/sign-out', {})).headers.get('location')).toBe('/sign-in')
  })
})

it('a panel without mail says so on the page of the address, and changes none', async () => {
  const w = await world()
  const panel = await startTestPanel(w)
  const owner = panel.browser(w.people.owner.cookie)

  expect((await owner.get('/profile/email')).text).toContain('This panel sends no mail')
  const asked = await owner.post('/profile/email', { _method: 'put', email: 'new@example.com', current: password })
  expect(asked.status).toBe(409)
  await w.test.query('update users set email_verified_at = null')
  expect((await owner.get('/profile/email')).text).toContain('bin/hostler confirm-email')
  expect((await owner.post('/profile/email/verification', {})).status).toBe(409)

  await panel.close()
  await w.close()
})
