import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestRepository } from '../support/git-repository.js'
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
