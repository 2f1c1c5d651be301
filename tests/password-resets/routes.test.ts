import { request } from 'node:http'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeResetLink } from '../../server/password-resets/password-resets.js'
import { answerRequests } from '../../server/password-resets/requests.js'
import { linkIn, type MailWorld, mailWorld } from '../support/mail-world.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { world } from '../support/people.js'

const better = 'another walk, this time uphill'

describe('the pages for who forgot their password', () => {
  let w: MailWorld
  let panel: TestPanel
  const lines: string[] = []

  beforeAll(async () => {
    w = await mailWorld()
    Object.assign(w.services, { log: pino({}, { write: (line: string) => void lines.push(line) }) })
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query('truncate reset_requests, password_resets')
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })
  const mailed = async () => {
    await answerRequests(w.services, new AbortController().signal)
    await w.deliver()
    return w.link()
  }

  it('lead from the sign-in page to a new password, without JavaScript', async () => {
    const visitor = panel.browser()
    expect((await visitor.get('/sign-in')).text).toContain('href="/password-reset/requests"')
    await visitor.get('/password-reset/requests')
    const asked = await visitor.post('/password-reset/requests', { email: 'Owner@Example.com ' })
    expect([asked.status, asked.headers.get('location')]).toEqual([303, '/sign-in'])
    expect((await visitor.get('/sign-in')).text).toContain('a link is on its way')

    const link = await mailed()
    const opened = await visitor.get(link.pathname + link.search)
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/password-reset'])
    const page = await visitor.get('/password-reset')
    const token = link.searchParams.get('token') ?? ''
    expect([page.status, page.text.includes(`value="${token}"`)]).toEqual([200, true])
    const weak = await visitor.post('/password-reset', { token, password: 'short' })
    expect([weak.status, weak.text.includes('at least 8')]).toEqual([422, true])
    const done = await visitor.post('/password-reset', { token, password: better })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/sign-in'])
    expect([visitor.cookie('hostler-link'), visitor.cookie('hostler-session')]).toEqual([undefined, undefined])
    expect((await visitor.post('/sign-in', { email: 'owner@example.com', password: better })).status).toBe(303)
  })

  it('SE-07: answer the same to an address that nobody has', async () => {
    const answers = []
    for (const email of ['owner@example.com', 'nobody@example.com']) {
      const visitor = panel.browser()
      await visitor.get('/password-reset/requests')
      const { status, text, headers } = await visitor.post('/password-reset/requests', { email })
      const page = await visitor.get('/sign-in')
      const said = page.text
        .replaceAll(email, 'ADDRESS')
        .replaceAll(/nonce-?="?[^"]*"|content="[^"]*"|value="[^"]*"/g, '')
      answers.push({ status, text, location: headers.get('location'), said })
    }

    expect(answers[0]).toEqual(answers[1])
  })

  it('CS-10: change nothing by GET and HEAD', async () => {
    const { pathname, search } = new URL((await makeResetLink(w.services, 'owner@example.com')).reveal())
    const rows = () => w.test.query('select * from password_resets')
    const before = await rows()

    for (const method of ['GET', 'HEAD', 'GET'])
      expect((await fetch(panel.url + pathname + search, { method, redirect: 'manual' })).status).toBe(303)

    expect(await rows()).toEqual(before)
  })

  it('SE-09: put the configured address into the mail, whatever the request says of itself', async () => {
    const visitor = panel.browser()
    await visitor.get('/password-reset/requests')
    const evil = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' }
    const asked = await visitor.post('/password-reset/requests', { email: 'owner@example.com' }, evil)
    expect(asked.status).toBe(303)
    expect((await mailed()).origin).toBe(w.services.config.baseUrl.origin)

    expect(await statusWith(['host', 'evil.example'])).toBe(421)
    const { csrf } = await visitor.get('/password-reset/requests')
    const ours = [
      ...['x-csrf-token', csrf, 'content-type', 'application/x-www-form-urlencoded'],
      ...['cookie', `hostler-visitor=${visitor.cookie('hostler-visitor')}`, 'content-length', '23'],
    ]
    const absolute = 'http://evil.example/password-reset/requests'
    expect(await statusWith(['host', 'localhost:3000', ...ours], absolute)).toBe(303)
    await statusWith(['host', 'localhost:3000', 'host', 'evil.example', ...ours])
    await answerRequests(w.services, new AbortController().signal)
    const mails = await w.deliver()
    expect(mails.length).toBeGreaterThan(1)
    for (const mail of mails) expect(linkIn(mail).origin).toBe(w.services.config.baseUrl.origin)
    expect(mails.map(({ raw }) => raw).join('')).not.toContain('evil')
  })

  it('SE-10: give the token to nobody: not as the referrer, not in a log, not to another site', async () => {
    const { pathname, search, searchParams } = new URL((await makeResetLink(w.services, 'owner@example.com')).reveal())
    const token = searchParams.get('token') ?? ''
    const visitor = panel.browser()
    const opened = await visitor.get(pathname + search)
    const page = await visitor.get('/password-reset')
    await visitor.get(`/password-reset?token=${'A'.repeat(43)}`)
    await visitor.post('/password-reset', { token, password: 'short' })

    expect(opened.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('referrer-policy')).toBe('same-origin')
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('')).not.toContain(token)
  })

  it('answer 404 to a link that is over, and to none', async () => {
    expect((await panel.browser().get(`/password-reset?token=${'A'.repeat(43)}`)).status).toBe(404)
    expect((await panel.browser().get('/password-reset')).status).toBe(404)
  })

  /** A form for another host, byte by byte: fetch would put its own there. */
  const statusWith = (headers: readonly string[], path = '/password-reset/requests') =>
    new Promise<number>((resolve, reject) => {
      const asking = request(panel.url, { method: 'POST', path, headers }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      asking.on('error', reject).end('email=owner@example.com')
    })
})

it('a panel without mail says so, and what to do', async () => {
  const w = await world()
  const panel = await startTestPanel(w)
  const visitor = panel.browser()

  const page = await visitor.get('/password-reset/requests')
  expect(page.text).toContain('This panel sends no mail')
  expect(page.text).toContain('bin/hostler reset-password')
  expect((await visitor.post('/password-reset/requests', { email: 'owner@example.com' })).status).toBe(409)
  expect(await w.test.query('select 1 from mails')).toEqual([])

  await panel.close()
  await w.close()
})
