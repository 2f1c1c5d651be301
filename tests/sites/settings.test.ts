import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeApp, type ShopWorld, shopWorld } from '../support/site-world.js'

let w: ShopWorld
beforeAll(async () => {
  w = await shopWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

describe('settings', () => {
  it('change what was given, and leave the rest', async () => {
    await w.create({ name: 'Shop' })

    const saved = await w.change('shop', { startCommand: 'node x.js', memoryMb: 1024, cpus: 2, keepReleases: 5 })

    expect(saved.json.site).toMatchObject({ startCommand: 'node x.js', memoryMb: 1024, cpus: 2, branch: 'main' })
    const [event] = await w.test.query("select data from events where type = 'site.updated'")
    expect(event?.data).toMatchObject({
      settings: ['start command', 'memory mb', 'keep releases', 'cpus'],
      before: { keep_releases: expect.any(Number), start_command: expect.stringMatching(/^fingerprint /) },
      after: { memory_mb: 1024, keep_releases: 5, start_command: expect.stringMatching(/^fingerprint [0-9a-f]{12}$/) },
    })
    await w.change('shop', { memoryMb: 1024 })
    expect(await w.test.query("select 1 from events where type = 'site.updated'")).toHaveLength(1)
  })

  it('are refused where the site could not run, and for viewers', async () => {
    await w.create({ name: 'Shop' })
    await w.create({ name: 'Blog', port: 15_000 })

    expect((await w.change('shop', { startCommand: null })).json.errors[0].field).toBe('startCommand')
    expect((await w.change('shop', { stack: 'dockerfile' })).json.errors[0].field).toBe('stack')
    expect((await w.change('shop', { port: 15_000 })).json.errors[0].field).toBe('port')
    expect((await w.change('shop', { memoryMb: 1 })).json.errors[0].field).toBe('memoryMb')
    expect((await w.change('shop', { memoryMb: 100 }, 'viewer')).status).toBe(403)
    expect((await w.change('shop', { memoryMb: 100 }, 'stranger')).status).toBe(404)
  })

  it('never hand the token to another host', async () => {
    const secret = await w.git.makeRepository({ files: nodeApp, name: 'acme/hidden' })
    await w.create({ name: 'Shop', repositoryUrl: secret.httpUrl, access: 'token', token: w.git.token })

    const moved = await w.api('developer', 'PUT', '/sites/shop/source', {
      repositoryUrl: 'https://evil.example/a/b.git',
    })

    expect(moved).toMatchObject({ status: 422, json: { errors: [{ field: 'access' }] } })
    expect((await w.api('developer', 'POST', '/sites/shop/source/check')).json.message).toContain('lets us in')
    expect((await w.row())?.repository_url).toBe(secret.httpUrl)
  })

  it('take another branch that the repository has, and refuse one that it has not', async () => {
    await w.create({ name: 'Shop' })

    const refused = await w.change('shop', { branch: 'relase' })
    expect(refused.status).toBe(422)
    expect(refused.json.errors).toEqual([{ field: 'branch', message: 'The repository has no branch “relase”' }])
    const pushes = { autoDeploy: true, branch: 'relase' }
    expect((await w.api('developer', 'PUT', '/sites/shop/pushes', pushes)).json.errors[0].field).toBe('branch')

    await w.repository.commit({ files: { 'a.txt': 'a' }, branch: 'release' })
    const { json } = await w.api('developer', 'GET', '/sites/shop/pushes/branches')
    expect(json).toEqual({ branches: ['main', 'release'], fault: null })
    expect((await w.change('shop', { branch: 'release' })).json.site.branch).toBe('release')
  })

  it('believe nothing where it is we who are at fault', async () => {
    await w.create({ name: 'shop' })
    const { hosts } = w.services
    const broken = { ...hosts, get: () => Promise.reject(new TypeError('a fault of ours')) }
    Object.assign(w.services, { hosts: broken })
    const answers = [
      await w.change('shop', { branch: 'release' }),
      await w.api('developer', 'PUT', '/sites/shop/pushes', { autoDeploy: true, branch: 'release' }),
      await w.browser('developer').get('/teams/acme/sites/shop/pushes/branches'),
    ]
    Object.assign(w.services, { hosts })

    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500])
    expect((await w.row())?.branch).toBe('main')
  })

  it('believe a branch where the repository cannot be asked, and say so where it is chosen', async () => {
    await w.create({ name: 'Shop', repositoryUrl: 'https://127.0.0.1:1/acme/shop.git' })

    const { json } = await w.api('developer', 'GET', '/sites/shop/pushes/branches')

    expect(json.branches).toEqual([])
    expect(json.fault).toBeTruthy()
    expect((await w.change('shop', { branch: 'release' })).json.site.branch).toBe('release')
    expect((await w.api('viewer', 'GET', '/sites/shop/pushes/branches')).status).toBe(403)
    expect((await w.api('stranger', 'GET', '/sites/shop/pushes/branches')).status).toBe(404)
    expect((await w.browser('developer').get('/teams/acme/sites/shop/settings')).text).toContain(
      'hx-get="/teams/acme/sites/shop/pushes/branches"',
    )
  })

  it('make another deploy key and show its public half', async () => {
    await w.create({ name: 'Shop' })

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
    await w.create({ name: 'Shop' })
    const before = await w.row()

    expect((await w.change('shop', { [field]: 'x' })).status).toBe(422)
    expect(await w.row()).toEqual(before)
  })
})
