import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { minutes } from '../support/clock.js'
import { type PushWorld, pushWorld, sha } from '../support/push-world.js'

let w: PushWorld
let secret = ''
let id = ''
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  secret = await w.connect('https://gitlab.com/acme/shop.git', 'gitlab')
  id = (await w.api('developer', 'GET', '/connections')).json.connections[0].id
})

const key = randomBytes(32)
const signingToken = `whsec_${key.toString('base64')}`
const body = JSON.stringify({
  ...{ object_kind: 'push', ref: 'refs/heads/main', before: sha('b'), after: sha('a'), user_name: 'Ada' },
  project: { git_http_url: 'https://gitlab.com/acme/shop.git', web_url: 'https://gitlab.com/acme/shop' },
  ...{ commits: [], total_commits_count: 0 },
})
const paste = (text = signingToken, name: 'developer' | 'viewer' | 'stranger' = 'developer', of = id) =>
  w.api(name, 'PUT', `/connections/${of}/signing-token`, { signingToken: text })

/** As GitLab 19 sends it: the id is that of the delivery, and the time that of this attempt. */
const send = async (headers: Record<string, string>, delivery: string = randomUUID()) => {
  const sent = { 'content-type': 'application/json', 'x-gitlab-event': 'Push Hook', 'idempotency-key': delivery }
  const response = await fetch(`${w.panel.url}/webhooks/gitlab`, {
    ...{ method: 'POST', body, headers: { ...sent, 'webhook-id': delivery, ...headers } },
  })
  return response.status
}
const signed = (delivery: string, at = w.clock.now()) => {
  const time = String(Math.floor(at.getTime() / 1000))
  const hmac = createHmac('sha256', key).update(`${delivery}.${time}.${body}`).digest('base64')
  return { 'webhook-timestamp': time, 'webhook-signature': `v1,${hmac}` }
}
const kept = async () => (await w.test.query('select 1 from webhook_deliveries')).length

describe('the signing token of GitLab', () => {
  it('takes the place of the secret with no delivery lost on the way', async () => {
    const [before, after] = ['before', 'after']
    expect(await send({ 'x-gitlab-token': secret, ...signed(before) }, before)).toBe(202)

    expect((await paste()).json.connection).toMatchObject({ hasSigningToken: true, hasWebhook: true })

    expect(await send({ 'x-gitlab-token': secret, ...signed(after) }, after)).toBe(202)
    expect(await send({ 'x-gitlab-token': secret })).toBe(401)
    expect(await send({ 'x-gitlab-token': signingToken })).toBe(401)
    expect(await kept()).toBe(2)
  })

  it('WH-06: signs a delivery again when it is sent again, and it is the same', async () => {
    await paste()
    expect(await send(signed('7'), '7')).toBe(202)
    w.clock.advance(minutes(60))

    expect(await send(signed('7'), '7')).toBe(202)
    expect(await send({ ...signed('7'), 'idempotency-key': 'another' }, '7')).toBe(202)
    expect(await kept()).toBe(1)
  })

  it('WH-03: is worth nothing of six minutes ago, or for another delivery', async () => {
    await paste()
    const old = signed('8')
    w.clock.advance(minutes(6))

    expect(await send(old, '8')).toBe(401)
    expect(await send(signed('8'), '9')).toBe(401)
    expect(await kept()).toBe(0)
  })

  it('SF-11: is sealed, shown nowhere, and told of; a new secret takes its place', async () => {
    const browser = w.panel.browser(w.people.developer.cookie)
    expect((await browser.get(`/teams/acme/connections/${id}`)).text).toContain('Generate signing token')
    const saved = await browser.post(`/teams/acme/connections/${id}/signing-token`, { _method: 'put', signingToken })
    expect(saved.status).toBe(303)

    const page = (await browser.get(`/teams/acme/connections/${id}`)).text
    expect(page).toContain('GitLab signs')
    const rows = await w.test.query('select * from repository_connections')
    const activity = await w.api('viewer', 'GET', '/activity')
    expect(page + JSON.stringify([rows, activity.json])).not.toContain(key.toString('base64'))
    expect(activity.json.items[0].text).toContain(
      'changed the webhook secret of gitlab.com/acme/shop to the signing token',
    )

    const { json } = await w.api('developer', 'POST', `/connections/${id}/secret`)
    expect(json.connection.hasSigningToken).toBe(false)
    expect(await send({ 'x-gitlab-token': json.secret })).toBe(202)
    expect(await send(signed('7'), '7')).toBe(401)
  })

  it.each(['', 'whsec_', 'nonsense', `whsec_${randomBytes(16).toString('base64')}`])(
    'is refused beside the field: %s',
    async (text) => {
      expect(await paste(text)).toMatchObject({ status: 422, json: { errors: [{ field: 'signingToken' }] } })
      expect(await send({ 'x-gitlab-token': secret })).toBe(202)
    },
  )

  it('is GitLab’s alone, not for viewers, and not there for strangers', async () => {
    await w.connect('https://github.com/acme/shop.git', 'github')
    const { connections } = (await w.api('developer', 'GET', '/connections')).json
    const github = connections.find((one: { host: string }) => one.host === 'github').id

    expect((await paste(signingToken, 'developer', github)).json.errors[0].field).toBe('signingToken')
    expect((await paste(signingToken, 'viewer')).status).toBe(403)
    expect((await paste(signingToken, 'stranger')).status).toBe(404)
  })
})
