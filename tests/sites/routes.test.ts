import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestRepository } from '../support/git-repository.js'
import { hostileTexts, named } from '../support/hostile-texts.js'
import { makeRelease, makeServer, makeSite } from '../support/make.js'
import { nodeApp, type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
let repository: TestRepository
beforeAll(async () => {
  w = await siteWorld()
  repository = await w.git.makeRepository({ files: nodeApp, isPublic: true, name: 'acme/shop' })
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

const whole = { branch: 'main', stack: 'node', buildCommand: null, startCommand: 'npm start', deploy: 'later' }
const create = (body: object) =>
  w.api('developer', 'POST', '/sites', { server: w.server.slug, repositoryUrl: repository.httpUrl, ...whole, ...body })
const settings = (slug: string, body: object, name: Parameters<SiteWorld['api']>[0] = 'developer') =>
  w.api(name, 'PATCH', `/sites/${slug}`, body)
const row = async () => (await w.test.query('select * from sites'))[0]

describe('the wizard, without JavaScript', () => {
  it('goes from an address to a first deploy', async () => {
    const browser = w.browser('developer')
    const start = await browser.get('/teams/acme/sites/new')
    expect(start.text).toContain('Look into the repository')

    const wrong = await browser.post('/teams/acme/sites/drafts', {
      repositoryUrl: 'file:///etc',
      access: 'none',
      server: w.server.slug,
    })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('The address is a folder on a machine')
    expect(wrong.text).toContain('value="file:///etc"')

    const looked = await browser.post('/teams/acme/sites/drafts', {
      repositoryUrl: repository.httpUrl,
      access: 'none',
      token: '',
      tokenUser: '',
      server: w.server.slug,
    })
    expect(looked.status, looked.text).toBe(303)
    const draft = looked.headers.get('location') ?? ''
    const page = await browser.get(draft)
    expect(page.text).toContain('package.json has a start script')
    expect(page.text).toContain('value="npm ci &amp;&amp; npm run build"')

    const created = await browser.post(`${draft}/site`, {
      ...{
        name: 'Shop',
        branch: 'main',
        rootFolder: '',
        stack: 'node',
        buildCommand: 'npm ci',
        startCommand: 'npm start',
      },
      ...{
        staticFolder: '',
        releaseCommand: '',
        nodeVersion: '',
        healthPath: '/',
        memoryMb: '256',
        cpus: '0.5',
        port: '',
      },
      ...{ environment: 'A=1', environmentKind: 'run', deploy: 'now' },
    })
    expect(created.status, created.text).toBe(303)
    expect(created.headers.get('location')).toBe('/teams/acme/sites/shop/deploys/1')
    expect((await browser.get('/teams/acme/sites/shop/deploys/1')).text).toContain('Fetch the source')
    expect(await row()).toMatchObject({ memory_mb: 256, cpus: '0.50', build_command: 'npm ci' })
    expect((await browser.get(draft)).status).toBe(404)
  })

  it('keeps the deploy key that it made while somebody pastes it elsewhere', async () => {
    const browser = w.browser('developer')
    await browser.get('/teams/acme/sites/new')
    const made = await browser.post('/teams/acme/sites/drafts', {
      repositoryUrl: 'git@github.com:acme/shop.git',
      access: 'deploy-key',
      server: w.server.slug,
    })

    const draft = made.headers.get('location') ?? ''
    const first = await browser.get(draft)
    const again = await w.browser('admin').get(draft)
    const key = /ssh-ed25519 [A-Za-z0-9+/=]+/.exec(first.text)?.[0] ?? 'none'
    expect(again.text).toContain(key)
    expect(first.text).toContain('https://github.com/acme/shop/settings/keys/new')
    expect(first.text + JSON.stringify(await w.test.query('select * from site_drafts'))).not.toContain('PRIVATE KEY')
    expect((await browser.get('/teams/acme/sites/new')).text).toContain('git@github.com:acme/shop.git')
  })

  it('creates one site when the button is pressed twice', async () => {
    const { id } = (
      await w.api('developer', 'POST', '/sites/drafts', { server: w.server.slug, repositoryUrl: repository.httpUrl })
    ).json.draft
    const all = await Promise.all([1, 2].map(() => w.api('developer', 'POST', `/sites/drafts/${id}/site`, whole)))

    expect(all.map(({ status }) => status).sort()).toEqual([201, 404])
    expect(await w.test.query('select 1 from sites')).toHaveLength(1)
  })

  it('AZ-02: shows a draft to nobody else', async () => {
    const { id } = (
      await w.api('developer', 'POST', '/sites/drafts', { server: w.server.slug, repositoryUrl: repository.httpUrl })
    ).json.draft

    expect((await w.api('viewer', 'GET', `/sites/drafts/${id}`)).status).toBe(403)
    expect((await w.api('stranger', 'GET', `/sites/drafts/${id}`)).status).toBe(404)
    expect((await w.api('developer', 'GET', '/sites/drafts/nothing')).status).toBe(404)
  })
})

describe('settings', () => {
  it('change what was given, and leave the rest', async () => {
    await create({ name: 'Shop' })

    const saved = await settings('shop', { startCommand: 'node x.js', memoryMb: 1024, cpus: 2, keepReleases: 5 })

    expect(saved.json.site).toMatchObject({ startCommand: 'node x.js', memoryMb: 1024, cpus: 2, branch: 'main' })
    const [event] = await w.test.query("select data from events where type = 'site.updated'")
    expect(event?.data).toMatchObject({ settings: ['start command', 'memory mb', 'keep releases', 'cpus'] })
    await settings('shop', { memoryMb: 1024 })
    expect(await w.test.query("select 1 from events where type = 'site.updated'")).toHaveLength(1)
  })

  it('are refused where the site could not run, and for viewers', async () => {
    await create({ name: 'Shop' })
    await create({ name: 'Blog', port: 15_000 })

    expect((await settings('shop', { startCommand: null })).json.errors[0].field).toBe('startCommand')
    expect((await settings('shop', { stack: 'dockerfile' })).json.errors[0].field).toBe('stack')
    expect((await settings('shop', { port: 15_000 })).json.errors[0].field).toBe('port')
    expect((await settings('shop', { memoryMb: 1 })).json.errors[0].field).toBe('memoryMb')
    expect((await settings('shop', { memoryMb: 100 }, 'viewer')).status).toBe(403)
    expect((await settings('shop', { memoryMb: 100 }, 'stranger')).status).toBe(404)
  })

  it('never hand the token to another host', async () => {
    const secret = await w.git.makeRepository({ files: nodeApp, name: 'acme/hidden' })
    await create({ name: 'Shop', repositoryUrl: secret.httpUrl, access: 'token', token: w.git.token })

    const moved = await w.api('developer', 'PUT', '/sites/shop/source', {
      repositoryUrl: 'https://evil.example/a/b.git',
    })

    expect(moved).toMatchObject({ status: 422, json: { errors: [{ field: 'access' }] } })
    expect((await w.api('developer', 'POST', '/sites/shop/source/check')).json.message).toContain('lets us in')
    expect((await row())?.repository_url).toBe(secret.httpUrl)
  })

  it('make another deploy key and show its public half', async () => {
    await create({ name: 'Shop' })

    const changed = await w.api('developer', 'PUT', '/sites/shop/source', {
      repositoryUrl: 'git@github.com:acme/shop.git',
      access: 'deploy-key',
    })

    expect(changed.json.site).toMatchObject({
      access: 'deploy-key',
      deployPublicKey: expect.stringMatching(/^ssh-ed25519 /),
    })
  })

  it.each([
    'team_id',
    'id',
    'state',
    'slug',
    'server',
    'live_release_id',
    'runtime',
    'created_at',
    'credential_sealed',
  ])('AZ-11: do not take %s', async (field) => {
    await create({ name: 'Shop' })
    const before = await row()

    expect((await settings('shop', { [field]: 'x' })).status).toBe(422)
    expect(await row()).toEqual(before)
  })
})

describe('bad input', () => {
  const fields = [
    'name',
    'branch',
    'rootFolder',
    'buildCommand',
    'startCommand',
    'staticFolder',
    'releaseCommand',
    'nodeVersion',
    'healthPath',
    'port',
    'cpus',
  ] as const

  it.each(named(hostileTexts))('CI-01: %j is kept to the byte or refused, in every field', async (_, text) => {
    await create({ name: 'Shop' })
    for (const field of fields) {
      const before = (await w.api('viewer', 'GET', '/sites/shop')).json.site[field]
      const saved = await settings('shop', { [field]: text })

      expect([200, 400, 413, 422], `${field}: ${saved.text.slice(0, 300)}`).toContain(saved.status)
      const kept = (await w.api('viewer', 'GET', '/sites/shop')).json.site[field]
      expect(kept, field).toEqual(saved.status === 200 ? text : before)
    }
  })

  it.each(named(hostileTexts))('CI-01: %j is no repository', async (_, text) => {
    for (const url of [text, `https://github.com/a/${text}`, `git@github.com:${text}`]) {
      const refused = await create({ repositoryUrl: url })
      if (refused.status === 201) expect((await row())?.repository_url).toBe(url)
      else expect([400, 413, 422]).toContain(refused.status)
      await w.test.query('delete from sites')
    }
  })

  it.each([
    'ext::sh -c id',
    'file:///etc/passwd',
    '/etc',
    '--upload-pack=id',
    'git://h/a',
    'https://u:p@h/a',
    'fd::17',
  ])('CI-08: %s is no repository', async (repositoryUrl) =>
    expect((await create({ repositoryUrl })).json.errors[0].field).toBe('repositoryUrl'),
  )

  it('XT-01: texts of people are only texts on every page', async () => {
    const name = '"><img src=x onerror=alert(1)>{{7*7}}'
    const command = "'-alert(1)-'</script><script>alert(2)</script>"
    expect((await create({ name, startCommand: command, buildCommand: '{{range.constructor("x")()}}' })).status).toBe(
      201,
    )
    const slug = (await row())?.slug
    const browser = w.browser('owner')

    for (const page of ['', '/deploys', '/releases', '/environment', '/logs', '/settings']) {
      const { status, text } = await browser.get(`/teams/acme/sites/${slug}${page}`)
      expect(status, page).toBe(200)
      expect(text).not.toMatch(/<img src=x|<script>alert|>49</)
      if (page === '/settings') expect(text).toContain('{{range.constructor(')
    }
    expect((await browser.get('/teams/acme/sites')).text).toContain('{{7*7}}')
  })
})

describe('the list of sites', () => {
  it('goes on where it ended, newest first, and finds by name, state and server', async () => {
    const other = await makeServer(w.test, w.acme)
    for (let day = 1; day <= 5; day++)
      await makeSite(w.test, day === 1 ? other : w.server, w.acme, {
        slug: `s-${day}`,
        name: day === 2 ? '100%_x' : `Site ${day}`,
        state: day === 3 ? 'archived' : 'active',
        created_at: new Date(2026, 0, day),
      })
    await makeSite(w.test, await makeServer(w.test, w.rival), w.rival)
    const list = async (query: string) => (await w.api('viewer', 'GET', `/sites?${query}`)).json
    const slugs = async (query: string) => (await list(query)).items.map(({ slug }: { slug: string }) => slug)

    const first = await list('limit=2')
    expect(first.items.map(({ slug }: { slug: string }) => slug)).toEqual(['s-5', 's-4'])
    expect(await slugs(`limit=9&cursor=${first.nextCursor}`)).toEqual(['s-3', 's-2', 's-1'])
    expect(await slugs('search=SITE%203')).toEqual(['s-3'])
    expect(await slugs('search=%25_')).toEqual(['s-2'])
    expect(await slugs('state=archived')).toEqual(['s-3'])
    expect(await slugs(`server=${other.slug}`)).toEqual(['s-1'])
    expect((await w.api('viewer', 'GET', '/sites?state=gone')).status).toBe(400)
    expect((await w.api('billing', 'GET', '/sites')).status).toBe(403)
  })

  it('is a page with a way on, and says what it is for when it is empty', async () => {
    const browser = w.browser('viewer')
    expect((await browser.get('/teams/acme/sites')).text).toContain('No sites yet')
    for (let n = 0; n < 3; n++) await makeSite(w.test, w.server, w.acme)

    const page = await browser.get('/teams/acme/sites?limit=2&search=site')
    expect(page.text).toMatch(/href="\/teams\/acme\/sites\?search=site&amp;limit=2&amp;cursor=/)
    expect((await browser.get('/teams/acme/sites?search=zzz')).text).toContain('No site matches')
  })
})

describe('deploys and releases', () => {
  it('are shown, compared and rolled back to, with the reason where that is off', async () => {
    const site = await makeSite(w.test, w.server, w.acme)
    const settings = {
      ...{ root_folder: '', build_command: null, start_command: 'a', static_folder: null, release_command: null },
      ...{ health_path: '/', memory_mb: 512, cpus: '1', runtime: 'process', stack: 'node', node_version: null },
    }
    const release = (values: object) => makeRelease(w.test, site, w.acme, { ...values, live_at: new Date() })
    const old = await release({ number: 1, settings: JSON.stringify(settings), environment_digests: '{"A":"1"}' })
    const live = await release({
      number: 2,
      state: 'live',
      settings: JSON.stringify({ ...settings, start_command: 'b' }),
      environment_digests: '{"A":"2","B":"1"}',
    })
    await w.test.query("update sites set live_release_id = $1, state = 'active' where id = $2", [live.id, site.id])
    const browser = w.browser('developer')
    const here = `/teams/acme/sites/${site.slug}`

    expect((await browser.get(`${here}/releases`)).text).toContain('/comparison?from=2&amp;to=1')
    const comparison = await browser.get(`${here}/comparison?from=2&to=1`)
    expect(comparison.text).toContain('start command')
    expect(comparison.text).toContain('Roll back to release 1')

    const back = await browser.post(`${here}/rollbacks`, { release: '1' })
    expect(back.headers.get('location')).toBe(`${here}/deploys/1`)
    expect((await browser.get(`${here}/deploys/1`)).text).toContain('Roll back')
    expect((await browser.get(here)).text).toContain('waits for its turn')
    expect(await w.test.query('select target_release_id from deploys')).toEqual([{ target_release_id: old.id }])

    await w.test.query("update sites set state = 'suspended', state_reason = 'Invoice 2026-10 is unpaid'")
    expect((await browser.get(`${here}/releases`)).text).toContain('data-why="Invoice 2026-10 is unpaid"')
    expect((await browser.post(`${here}/deploys`, {})).status).toBe(409)
  })
})

describe('who may do what with a site', () => {
  it.each([
    ['DELETE', '', { confirm: 'Shop' }, ['viewer', 'billing', 'developer']],
    ['PUT', '/activation', undefined, ['viewer', 'billing']],
    ['DELETE', '/activation', undefined, ['viewer', 'billing']],
    ['PUT', '/archive', undefined, ['viewer', 'billing']],
    ['POST', '/deploys', {}, ['viewer', 'billing']],
    ['PUT', '/source', { repositoryUrl: 'https://a.example/b.git' }, ['viewer', 'billing']],
  ] as const)('AZ-02: %s %s', async (method, path, body, refused) => {
    await create({ name: 'Shop' })

    for (const name of refused) expect((await w.api(name, method, `/sites/shop${path}`, body)).status, name).toBe(403)
    expect((await w.api('stranger', method, `/sites/shop${path}`, body)).status).toBe(404)
    expect(await row()).toMatchObject({ state: 'inactive', delete_requested_at: null })
  })

  it('AZ-05: no page and no answer holds a secret', async () => {
    const secret = await w.git.makeRepository({ files: nodeApp, name: 'acme/closed' })
    await create({
      name: 'Shop',
      repositoryUrl: secret.httpUrl,
      access: 'token',
      token: w.git.token,
      environment: 'A=canary-env-1',
      deploy: 'now',
    })

    for (const name of ['viewer', 'developer', 'owner'] as const) {
      const browser = w.browser(name)
      const pages = [
        '',
        '/now',
        '/deploys',
        '/deploys/1',
        '/releases',
        '/environment',
        '/environment?edit=A',
        '/logs',
        '/settings',
      ]
      for (const page of ['/teams/acme/sites', ...pages.map((path) => `/teams/acme/sites/shop${path}`)]) {
        expect((await browser.get(page)).text).not.toMatch(/canary/)
        expect((await w.api(name, 'GET', page.replace('/teams/acme', ''))).text).not.toMatch(/canary/)
      }
    }
    expect(JSON.stringify([await row(), await w.test.query('select * from events')])).not.toMatch(/canary/)
  })
})
