import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tokenPlace } from '../../server/connections/speaking.js'
import { gitHosts } from '../../server/git/hosts/hosts.js'
import type { Browser } from '../support/panel.js'
import { type PushWorld, pushWorld } from '../support/push-world.js'

let w: PushWorld
let developer: Browser
let id: string
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  developer = w.panel.browser(w.people.developer.cookie)
  await w.connect()
  id = (await rows())[0]?.id ?? ''
})

const token = 'github_pat_canary0123456789'
const rows = () =>
  w.test.query<{ id: string; token_sealed: string | null; api_url: string | null }>(
    'select id, token_sealed, api_url from repository_connections',
  )
const at = () => `/teams/acme/connections/${id}`
const save = async (fields: Record<string, string>) => {
  await developer.get(at())
  return developer.post(`${at()}/token`, { _method: 'put', token, apiUrl: '', ...fields })
}

describe('the token of a connection', () => {
  it('SF-11: is sealed in its row, shown nowhere, and named in the feed without its text', async () => {
    expect((await developer.get(at())).text).toContain('GitHub is told nothing yet')

    expect((await save({})).status).toBe(303)

    const [row] = await rows()
    expect(row?.token_sealed).not.toContain(token)
    expect(w.services.vault.open(row?.token_sealed ?? '', tokenPlace(id)).reveal()).toBe(token)
    const page = await developer.get(at())
    expect(page.text).toContain('Token set')
    expect(page.text).toContain('Commit statuses: read and write')
    const answers = [await w.api('viewer', 'GET', `/connections/${id}`), await w.api('viewer', 'GET', '/activity')]
    expect(answers[0]?.json.connection).toMatchObject({ hasToken: true, apiUrl: 'https://api.github.com' })
    expect(answers[1]?.json.items[0].text).toBe('Developer gave a token to the connection of github.com/acme/shop')
    expect(page.text + JSON.stringify(answers)).not.toContain('canary')
  })

  it('is removed, and then there is none', async () => {
    await save({})

    await developer.post(`${at()}/token`, { _method: 'delete' })

    expect(await rows()).toMatchObject([{ token_sealed: null }])
    expect((await w.api('viewer', 'GET', `/connections/${id}`)).json.connection.hasToken).toBe(false)
  })

  it.each([
    [{ token: '' }, 'Paste the token'],
    [{ token: 'two words' }, 'no spaces'],
    [{ token: 'x'.repeat(501) }, 'at most 500'],
    [{ apiUrl: 'git.example.com' }, 'does not start with https://'],
    [{ apiUrl: 'https://git.example.com/api?x=1' }, 'may not contain ? or #'],
    [{ apiUrl: `https://git.example.com/${'x'.repeat(1000)}` }, 'too long'],
  ])('is refused beside the field: %j', async (fields: Record<string, string>, why) => {
    const answer = await save(fields)

    expect(answer.status).toBe(422)
    expect(answer.text).toContain(why)
    expect(answer.text).not.toContain('canary')
    expect(await rows()).toMatchObject([{ token_sealed: null, api_url: null }])
  })

  it.each([
    'https://10.0.0.1',
    'https://169.254.169.254',
    'https://[::ffff:127.0.0.2]',
    'http://git.example.com',
    'https://gitlab.internal',
    'https://a@git.example.com',
  ])('SF-01: goes to no address that is not on the internet: %s', async (apiUrl) => {
    expect((await save({ apiUrl })).status).toBe(422)
    expect((await w.api('developer', 'PUT', `/connections/${id}/token`, { token, apiUrl })).status).toBe(422)
  })

  it('SF-01: neither where the address follows from that of the repository', async () => {
    await w.connect('https://git.lan/acme/shop.git', 'gitea')
    const list = (await w.api('developer', 'GET', '/connections')).json.connections
    const inside = list.find((one: { host: string }) => one.host === 'gitea').id

    const answer = await w.api('developer', 'PUT', `/connections/${inside}/token`, { token })

    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.json)).toContain('git.lan is not a host on the internet')
  })

  it('SF-06: is given anew with another address, so that no old one is sent there', async () => {
    await save({ apiUrl: 'https://git.example.com/api/v3/' })

    const answer = await w.api('developer', 'PUT', `/connections/${id}/token`, { apiUrl: 'https://evil.example.com' })

    expect(answer.status).toBe(422)
    expect(await rows()).toMatchObject([{ api_url: 'https://git.example.com/api/v3' }])
  })

  it('is not for viewers, and not there for strangers', async () => {
    for (const [name, status] of [
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      expect((await w.api(name, 'PUT', `/connections/${id}/token`, { token })).status).toBe(status)
      expect((await w.api(name, 'DELETE', `/connections/${id}/token`)).status).toBe(status)
    }
    expect((await w.panel.browser(w.people.viewer.cookie).get(at())).text).not.toContain('Save token')
  })
})

describe('the address of a host’s API', () => {
  it.each([
    ['github', 'https://github.com', 'https://api.github.com'],
    ['github', 'https://acme.ghe.com', 'https://api.acme.ghe.com'],
    ['github', 'https://git.acme.example:8443', 'https://git.acme.example:8443/api/v3'],
    ['gitlab', 'https://gitlab.com', 'https://gitlab.com/api/v4'],
    ['gitea', 'http://git.lan:3000', 'http://git.lan:3000/api/v1'],
  ] as const)('of %s at %s is %s', (kind, origin, url) => {
    expect(gitHosts[kind].api.base(origin)).toBe(url)
  })

  it('has the port of a host of one’s own, as its pages have, where the repository’s address tells it', async () => {
    await w.connect('https://git.lan:8443/acme/shop.git', 'gitlab')
    await w.connect('ssh://git@git.ssh.lan:2222/acme/shop.git', 'gitlab')
    const { connections } = (await w.api('viewer', 'GET', '/connections')).json
    const of = (name: string) => connections.find(({ repository }: { repository: string }) => repository === name)
    const page = await developer.get(`/teams/acme/connections/${of('git.lan/acme/shop').id}`)

    expect(of('git.lan/acme/shop').apiUrl).toBe('https://git.lan:8443/api/v4')
    expect(page.text).toContain('href="https://git.lan:8443/acme/shop/-/hooks"')
    expect(page.text).toContain('href="https://git.lan:8443/-/user_settings/personal_access_tokens"')
    expect(of('git.ssh.lan/acme/shop').apiUrl).toBe('https://git.ssh.lan/api/v4')
  })

  it('is the same for a repository over SSH', async () => {
    await w.connect('git@gitlab.com:acme/shop.git', '')

    expect((await w.api('viewer', 'GET', '/connections')).json.connections[1].apiUrl).toBe('https://gitlab.com/api/v4')
  })
})
