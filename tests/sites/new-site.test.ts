import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestRepository } from '../support/git-repository.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { nodeApp, type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
let repository: TestRepository
let secret: TestRepository
beforeAll(async () => {
  w = await siteWorld()
  repository = await w.git.makeRepository({ files: nodeApp, isPublic: true, name: 'acme/shop' })
  secret = await w.git.makeRepository({ files: { 'index.html': 'hi' }, name: 'acme/secret', branch: 'trunk' })
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

const create = (body: object, name: Parameters<SiteWorld['api']>[0] = 'developer') =>
  w.api(name, 'POST', '/sites', { server: w.server.slug, repositoryUrl: repository.httpUrl, ...body })
const rows = (table: string) => w.test.query(`select * from ${table}`)

describe('creating a site through the API', () => {
  it('finds out what was left out, and asks for the first deploy', async () => {
    const made = await create({})

    expect(made.status, made.text).toBe(201)
    expect(made.json.site).toMatchObject({
      name: 'shop',
      slug: 'shop',
      state: 'inactive',
      branch: 'main',
      stack: 'node',
      buildCommand: 'npm ci && npm run build',
      startCommand: 'npm start',
      runtime: 'process',
      edge: 'direct',
      url: `http://localhost:${made.json.site.port}`,
      server: { slug: w.server.slug, name: 'web-1' },
    })
    expect(made.json.site.port).toBeGreaterThanOrEqual(10_000)
    expect(made.json.site.port).toBeLessThanOrEqual(19_999)
    expect(made.json.deploy).toEqual({ number: 1, operationId: expect.any(String) })
    expect(await w.test.query('select kind, title, status from operations')).toEqual([
      { kind: 'deploy', title: 'Deploy shop', status: 'queued' },
    ])
    expect((await w.test.query('select type from events order by sequence')).map(({ type }) => type)).toEqual([
      'site.created',
      'deploy.requested',
    ])
  })

  it('takes every field, and then asks nobody', async () => {
    const fields = {
      name: 'My shop',
      branch: 'no-such-branch',
      stack: 'node',
      rootFolder: 'apps/web',
      buildCommand: null,
      startCommand: 'node "a b.js" && echo $HOME',
      releaseCommand: 'node migrate.js',
      nodeVersion: '>=20 <23',
      healthPath: '/health?x=1',
      healthDeadlineSeconds: 60,
      drainSeconds: 0,
      watchSeconds: 5,
      memoryMb: 256,
      cpus: 0.5,
      keepReleases: 3,
      port: 18_123,
    }
    const made = await create({ ...fields, repositoryUrl: 'https://git.invalid/a/b.git', deploy: 'later' })

    expect(made.status, made.text).toBe(201)
    expect(made.json).toMatchObject({ deploy: null, site: { ...fields, slug: 'my-shop' } })
    expect(await rows('operations')).toEqual([])
    expect((await w.api('viewer', 'GET', '/sites/my-shop')).json.site).toEqual(made.json.site)
  })

  it('seals the token and the environment, and shows neither again', async () => {
    const made = await create({
      repositoryUrl: secret.httpUrl,
      access: 'token',
      token: w.git.token,
      environment: 'export A="canary-value-1"\nB=two # said\n',
    })

    expect(made.status, made.text).toBe(201)
    expect(made.json.site).toMatchObject({ branch: 'trunk', stack: 'static', staticFolder: '', access: 'token' })
    const [row] = await rows('sites')
    expect(JSON.stringify([row, await rows('environment_variables'), await rows('events'), made.json])).not.toMatch(
      /canary/,
    )
    expect(await w.test.query('select key, kind, is_secret from environment_variables order by key')).toEqual([
      { key: 'A', kind: 'both', is_secret: true },
      { key: 'B', kind: 'both', is_secret: true },
    ])
  })

  it('says beside the field what Git says, and writes nothing', async () => {
    const refused = await create({ repositoryUrl: secret.httpUrl })

    expect(refused.status).toBe(422)
    expect(refused.json.errors).toEqual([
      { field: 'repositoryUrl', message: expect.stringMatching(/token|let|access/i) },
    ])
    expect((await create({ branch: 'gone' })).json.errors).toEqual([
      { field: 'branch', message: 'The repository has no branch “gone”' },
    ])
    expect(await rows('sites')).toEqual([])
  })

  it('numbers the slugs of sites with one name, also of twenty at once, each with a port of its own', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () =>
        create({ name: 'Shop', branch: 'main', stack: 'node', buildCommand: null, startCommand: 'npm start' }),
      ),
    )

    expect(all.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(new Set(all.map(({ json }) => json.site.slug)).size).toBe(20)
    expect(new Set(all.map(({ json }) => json.site.port)).size).toBe(20)
  })

  it('leaves out a port that another program listens on', async () => {
    const other = createServer()
    const whole = { branch: 'main', stack: 'node', buildCommand: null, startCommand: 'npm start' }
    const first = (await create(whole)).json.site.port
    // Where somebody listens there already, they are the other program.
    await new Promise<unknown>((resolve) =>
      other.once('error', resolve).listen(first + 1, '127.0.0.1', () => resolve(null)),
    )

    const port = (await create(whole)).json.site.port
    other.close()

    expect(port).toBeGreaterThan(first + 1)
    expect((await create({ ...whole, port: first })).json.errors).toEqual([
      { field: 'port', message: `Another site on this server has port ${first}` },
    ])
  })

  it('is refused on a server that is not ready, with the reason', async () => {
    await w.test.query("update servers set status = 'unreachable'")

    const refused = await create({})

    expect(refused).toMatchObject({ status: 409, json: { title: 'web-1 cannot be reached' } })
  })

  it('is refused for who may not, and not there for strangers', async () => {
    expect((await create({}, 'viewer')).status).toBe(403)
    expect((await create({}, 'billing')).status).toBe(403)
    expect((await create({}, 'stranger')).status).toBe(404)
    expect(await rows('sites')).toEqual([])
  })

  it('AZ-03: cannot use the server of another team, by slug or by id', async () => {
    const theirs = await makeServer(w.test, w.rival)

    for (const server of [theirs.id, theirs.slug])
      expect((await create({ server })).json.errors).toEqual([{ field: 'server', message: 'There is no such server' }])
    expect(await rows('sites')).toEqual([])
  })

  it('AZ-11: takes no other fields than its own', async () => {
    for (const extra of [
      'team_id',
      'id',
      'state',
      'slug',
      'live_release_id',
      'runtime',
      'created_at',
      'credential_sealed',
    ])
      expect((await create({ [extra]: 'x' })).status).toBe(422)
    expect(await rows('sites')).toEqual([])
  })

  it('AZ-04: finds no site of another team', async () => {
    const site = await makeSite(w.test, w.server, w.acme)
    await insert(w.test, 'environment_variables', {
      site_id: site.id,
      team_id: w.acme.id,
      key: 'A',
      kind: 'run',
      is_secret: true,
      value_sealed: 'x',
      value_digest: Buffer.from('x'),
      updated_at: new Date(),
    })
    const ask = async (team: string) => {
      const response = await fetch(`${w.panel.url}/api/v1/teams/${team}/sites/${site.slug}`, {
        headers: { authorization: `Bearer ${w.people.stranger.apiKey}` },
      })
      return response.status
    }

    expect(await ask('acme')).toBe(404)
    expect(await ask('rival')).toBe(404)
  })
})
