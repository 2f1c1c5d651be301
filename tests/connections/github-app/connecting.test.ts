import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allRows } from '../../security/rows.js'
import { minutes } from '../../support/clock.js'
import { type GithubWorld, githubWorld } from '../../support/github-world.js'

let w: GithubWorld
beforeAll(async () => {
  w = await githubWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const apps = () => w.test.query('select name, host, api_url, app_id, owner, created_by from github_apps')
const installations = () => w.test.query('select account, selection, refresh_fault from github_installations')
/** Rows, but for when the app of a browser was last seen. */
const rows = async () => {
  const { idempotency_keys: _keys, ...rest } = await allRows(w)
  return rest
}

describe('connecting GitHub', () => {
  it('sends a browser to GitHub with a manifest, on a page that may send a form there', async () => {
    const owner = w.panel.browser(w.people.owner.cookie)
    expect((await owner.get('/teams/acme/connections')).text).toContain('Connect GitHub')
    const first = await owner.get('/teams/acme/github-apps/new')
    expect(first.headers.get('content-security-policy')).toContain("form-action 'self';")

    const page = await owner.post('/teams/acme/github-apps/starts', { organization: 'acme-inc', webUrl: '' })

    expect(page.status).toBe(201)
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https://github.com;")
    expect(page.text).toMatch(
      /action="https:\/\/github\.com\/organizations\/acme-inc\/settings\/apps\/new\?state=[\w-]{43}"/,
    )
    const manifest = JSON.parse(
      (/name="manifest" value="([^"]*)"/.exec(page.text)?.[1] ?? '').replaceAll('&quot;', '"'),
    )
    expect(manifest).toEqual({
      name: 'hostler-acme',
      url: 'http://localhost:3000',
      hook_attributes: { url: 'http://localhost:3000/webhooks/github', active: true },
      redirect_url: 'http://localhost:3000/teams/acme/github-apps/created',
      setup_url: 'http://localhost:3000/teams/acme/github-apps/installed',
      setup_on_update: false,
      public: false,
      default_permissions: {
        ...{ contents: 'read', metadata: 'read', statuses: 'write', deployments: 'write', pull_requests: 'write' },
      },
      default_events: ['push', 'pull_request', 'create', 'delete'],
    })
    expect(await w.test.query('select 1 from github_app_starts where octet_length(hash) = 32')).toHaveLength(1)
  })

  it('keeps the app with its secrets sealed, and shows none of them', async () => {
    const { id, app } = await w.connectGithub()

    const host = new URL(w.github.url).hostname
    expect(await apps()).toEqual([
      {
        ...{ name: 'Hostler of Acme', host, api_url: `${w.github.url}/api/v3`, app_id: String(app.id) },
        ...{ owner: 'acme', created_by: 'Owner' },
      },
    ])
    const [row] = await w.test.query<Record<string, string>>('select * from github_apps')
    const kept = JSON.stringify(row)
    for (const secret of [app.webhookSecret, app.clientSecret, app.pem.split('\n')[1] ?? '']) {
      expect(kept).not.toContain(secret)
      expect((await w.panel.browser(w.people.owner.cookie).get(`/teams/acme/github-apps/${id}`)).text).not.toContain(
        secret,
      )
    }
    const place = { table: 'github_apps', id, column: 'webhook_secret_sealed' }
    expect(w.services.vault.open(row?.webhook_secret_sealed ?? '', place).reveal()).toBe(app.webhookSecret)
    expect(await w.told()).toContain('Owner connected GitHub by the app Hostler of Acme')
    expect((await w.api('viewer', 'GET', '/connections')).json.apps).toMatchObject([{ id, owner: 'acme' }])
    expect(w.github.faults()).toEqual([])
  })

  it('asks GitHub which repositories the app may see once it is installed', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `acme/shop-${index}`)
    const { id } = await w.installed(...names)

    const { json } = await w.api('viewer', 'GET', `/github-apps/${id}`)
    expect(json.installations).toMatchObject([{ account: 'acme', repositories: 120, fault: null, suspendedAt: null }])
    const listed = await w.test.query('select 1 from github_repositories where full_name = any($1)', [names])
    expect(listed).toHaveLength(120)
    expect(await w.told()).toContain('Owner installed the GitHub App Hostler of Acme on acme')
    expect(w.github.faults()).toEqual([])
  })

  it.each([
    [{ organization: 'acme/../evil' }, 'as it stands in the address'],
    [{ webUrl: 'github.acme.com' }, 'does not start with https://'],
    [{ webUrl: 'https://10.0.0.1' }, 'is not an address on the internet'],
    [{ webUrl: 'https://169.254.169.254' }, 'is not an address on the internet'],
    [{ webUrl: 'https://github.acme.com/acme' }, 'the address of GitHub itself'],
    [{ webUrl: 'http://github.acme.com' }, 'nobody may read along'],
  ])('SF-01: refuses beside the field: %j', async (fields: Record<string, string>, why) => {
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get('/teams/acme/github-apps/new')

    const answer = await owner.post('/teams/acme/github-apps/starts', fields)

    expect(answer.status).toBe(422)
    expect(answer.text).toContain(why)
    expect(await w.test.query('select 1 from github_app_starts')).toEqual([])
  })

  it('is forgotten with all that came by it', async () => {
    const { id } = await w.installed('acme/shop')
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get('/teams/acme/connections')

    expect((await owner.post(`/teams/acme/github-apps/${id}`, { _method: 'delete' })).status).toBe(303)

    for (const table of ['github_apps', 'github_installations', 'github_repositories', 'github_tokens'])
      expect(await w.test.query(`select 1 from ${table}`), table).toEqual([])
    expect((await w.told())[0]).toBe('Owner forgot the GitHub App Hostler of Acme')
  })
})

describe('SO-07: whoever comes back from GitHub', () => {
  /** Refused, and nothing is different from before. */
  const refused = async (work: () => Promise<{ status: number }>, status: number) => {
    const before = await rows()
    const answer = await work()
    expect(answer.status).toBe(status)
    expect(await rows()).toEqual(before)
  }

  it('SO-07: is refused without a session', async () => {
    const { code } = w.github.madeApp()
    const state = await w.start()
    const nobody = w.panel.browser()
    await nobody.get('/sign-in')

    await refused(() => nobody.post('/teams/acme/github-apps', { code, state }), 303)
    expect((await nobody.get(`/teams/acme/github-apps/created?code=${code}&state=${state}`)).status).toBe(303)
    const key = { authorization: `Bearer ${w.people.owner.apiKey}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ code, state })
    await refused(
      () => fetch(`${w.panel.url}/api/v1/teams/acme/github-apps`, { method: 'POST', headers: key, body }),
      404,
    )
  })

  it('SO-07: is refused in another session, also of the same team', async () => {
    const { code } = w.github.madeApp()
    const state = await w.start('owner')

    await refused(() => w.finish('admin', code, state), 403)
    expect((await w.finish('owner', code, state)).status).toBe(303)
  })

  it('SO-07: is refused with the word of another team', async () => {
    const { code } = w.github.madeApp()
    const foreign = await w.start('owner')

    await refused(() => w.finish('stranger', code, foreign), 403)
    expect(await apps()).toEqual([])
  })

  it('SO-07: is refused with a word that was used, that is an hour old, or that nobody gave', async () => {
    const state = await w.start()
    await w.finish('owner', w.github.madeApp().code, state)
    await refused(() => w.finish('owner', w.github.madeApp().code, state), 403)
    await refused(() => w.finish('owner', w.github.madeApp().code, 'x'.repeat(43)), 403)

    const late = await w.start()
    w.clock.advance(minutes(60))
    await refused(() => w.finish('owner', w.github.madeApp().code, late), 403)
    expect(await apps()).toHaveLength(1)
  })

  it('SO-07: is refused with an app that is connected already, here or elsewhere', async () => {
    const { app } = await w.connectGithub()

    const mine = await w.start('admin')
    await refused(() => w.finish('admin', w.github.codeFor(app), mine), 409)
    const theirs = await w.start('stranger')
    await refused(() => w.finish('stranger', w.github.codeFor(app), theirs), 409)
  })

  it('SO-07: is refused with a code that GitHub does not know, and may try again with one that it does', async () => {
    const state = await w.start()

    await refused(() => w.finish('owner', 'never-given', state), 422)
    w.github.down(500)
    await refused(() => w.finish('owner', 'never-given', state), 502)
    w.github.down(null)
    expect((await w.finish('owner', w.github.madeApp().code, state)).status).toBe(303)
  })

  it('SO-07: is refused with an installation that GitHub does not confirm', async () => {
    const { id } = await w.connectGithub()
    const other = w.github.madeApp().app
    const foreign = w.github.install(other, ['rival/secret'], 'rival')
    const state = await w.startInstall(id)

    await refused(() => w.finishInstall('owner', foreign.id, state), 403)
    await refused(() => w.finishInstall('owner', 999_999, state), 403)
    w.github.down(503)
    await refused(() => w.finishInstall('owner', foreign.id, state), 502)
    expect(await installations()).toEqual([])
  })

  it('SO-07: installs only with the word of the same session and team, once, for its own app', async () => {
    const { id, app } = await w.connectGithub()
    const installation = w.github.install(app, ['acme/shop'])
    const state = await w.startInstall(id)
    const ofApp = await w.start()

    await refused(() => w.finishInstall('admin', installation.id, state), 403)
    await refused(() => w.finishInstall('stranger', installation.id, state), 403)
    await refused(() => w.finishInstall('owner', installation.id, ofApp), 403)
    expect((await w.finishInstall('owner', installation.id, state)).status).toBe(303)
    await refused(() => w.finishInstall('owner', installation.id, state), 403)
    expect(await installations()).toEqual([{ account: 'acme', selection: 'selected', refresh_fault: null }])
  })

  it('SO-07: installs nothing without a session', async () => {
    const { id, app } = await w.connectGithub()
    const installationId = String(w.github.install(app, ['acme/shop']).id)
    const state = await w.startInstall(id)
    const nobody = w.panel.browser()
    await nobody.get('/sign-in')

    await refused(() => nobody.post('/teams/acme/github-apps/installations', { installationId, state }), 303)
    const back = `/teams/acme/github-apps/installed?installation_id=${installationId}&state=${state}`
    const page = await nobody.get(back)
    expect([page.status, page.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/sign-in/)])
    const key = { authorization: `Bearer ${w.people.owner.apiKey}`, 'content-type': 'application/json' }
    const init = { method: 'POST', headers: key, body: JSON.stringify({ installationId, state }) }
    await refused(() => fetch(`${w.panel.url}/api/v1/teams/acme/github-apps/installations`, init), 405)
    expect(await installations()).toEqual([])
  })

  it('SO-07: installs nothing with a word that is an hour old, or that nobody gave', async () => {
    const { id, app } = await w.connectGithub()
    const installation = w.github.install(app, ['acme/shop'])
    const state = await w.startInstall(id)
    await refused(() => w.finishInstall('owner', installation.id, 'x'.repeat(43)), 403)

    w.clock.advance(minutes(60))
    await refused(() => w.finishInstall('owner', installation.id, state), 403)
    expect(await installations()).toEqual([])
  })

  it('SO-07: has to be an owner or admin', async () => {
    const { id } = await w.connectGithub()
    for (const [name, status] of [
      ['developer', 403],
      ['viewer', 403],
      ['stranger', 404],
    ] as const) {
      const browser = w.panel.browser(w.people[name].cookie)
      await browser.get('/profile')
      for (const path of ['/starts', '', '/installations', `/${id}/install`])
        expect((await browser.post(`/teams/acme/github-apps${path}`, {})).status, `${name} ${path}`).toBe(status)
    }
  })
})
