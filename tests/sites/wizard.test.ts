import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ShopWorld, shopWorld, wholeSite } from '../support/site-world.js'

let w: ShopWorld
beforeAll(async () => {
  w = await shopWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

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
      repositoryUrl: w.repository.httpUrl,
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
    expect(await w.row()).toMatchObject({ memory_mb: 256, cpus: '0.50', build_command: 'npm ci' })
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
      await w.api('developer', 'POST', '/sites/drafts', { server: w.server.slug, repositoryUrl: w.repository.httpUrl })
    ).json.draft
    const all = await Promise.all([1, 2].map(() => w.api('developer', 'POST', `/sites/drafts/${id}/site`, wholeSite)))

    expect(all.map(({ status }) => status).sort()).toEqual([201, 404])
    expect(await w.test.query('select 1 from sites')).toHaveLength(1)
  })

  it('AZ-02: shows a draft to nobody else', async () => {
    const { id } = (
      await w.api('developer', 'POST', '/sites/drafts', { server: w.server.slug, repositoryUrl: w.repository.httpUrl })
    ).json.draft

    expect((await w.api('viewer', 'GET', `/sites/drafts/${id}`)).status).toBe(403)
    expect((await w.api('stranger', 'GET', `/sites/drafts/${id}`)).status).toBe(404)
    expect((await w.api('developer', 'GET', '/sites/drafts/nothing')).status).toBe(404)
  })
})
