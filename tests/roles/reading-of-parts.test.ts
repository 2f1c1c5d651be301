import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settingsOf } from '../../server/deploys/release-settings.js'
import type { SitesRow } from '../../server/platform/db/tables.js'
import { newId } from '../../server/platform/ids.js'
import { makeDeploy, makeOperation } from '../support/deploys.js'
import { insert, makeRelease, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

/** A page shows of other things, and of other kinds, what the caller's own rights there show: what its own right opens is not enough. */
let w: PanelWorld
let server: { id: string }
let shop: { id: string; slug: string }
let blog: { id: string; slug: string }
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  const source = { repository_url: 'https://git.example/acme/shop', repository_key: 'git.example/acme/shop' }
  shop = await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop', ...source })
  blog = await makeSite(w.test, server, w.acme, { slug: 'blog', name: 'Blog', ...source })
  await w.test.query(`update api_keys set role = 'owner' where created_by = $1`, [w.people.client.id])
})
afterAll(() => w.close())

async function give(permissions: string[] | 'viewer', on: 'team' | 'site' | 'server', thing = ''): Promise<void> {
  const own = { name: permissions.toString().slice(0, 60), permissions }
  const role = permissions === 'viewer' ? 'viewer' : (await w.api('owner', 'POST', '/roles', own)).json.role.id
  const given = await w.api('owner', 'POST', `/members/${w.people.client.id}/role-grants`, { role, on, thing })
  expect([given.status, given.text.slice(0, 200)]).toEqual([201, expect.anything()])
}

const asked = (path: string) => w.api('client', 'GET', path)
const page = async (path: string) => (await w.visit('client', `/teams/acme${path}`)).text

/** One push that meant both sites, and what came of it for each. */
async function pushed(): Promise<string> {
  const at = w.clock.now()
  const [connection, delivery] = [newId(), newId()]
  await insert(w.test, 'repository_connections', {
    ...{ id: connection, team_id: w.acme.id, host: 'gitea', repository_key: 'git.example/acme/shop' },
    ...{ web_origin: 'https://git.example', secret_sealed: 'v1.none', created_by: 'Owner', created_at: at },
  })
  await insert(w.test, 'webhook_deliveries', {
    ...{ id: delivery, team_id: w.acme.id, connection_id: connection, delivery: newId(), event: 'push' },
    ...{ headers: '{}', body: Buffer.from('{}'), received_at: at, outcome: 'judged', branch: 'main' },
    ...{ commit_sha: 'a'.repeat(40), commit_subject: 'First', pusher: 'Ada' },
  })
  for (const { id, slug } of [shop, blog])
    await insert(w.test, 'delivery_verdicts', {
      ...{
        delivery_id: delivery,
        site_id: id,
        team_id: w.acme.id,
        verdict: 'frozen',
        detail: `of ${slug}`,
        judged_at: at,
      },
    })
  return connection
}

describe('AZ-02: pushes', () => {
  it('of a site show what came of them for it, and no other site of the repository', async () => {
    const connection = await pushed()
    await give('viewer', 'site', 'shop')
    await give(['site:read'], 'site', 'blog')

    const text = await page('/sites/shop/pushes')
    expect(text).toContain('of shop')
    expect(text).not.toContain('of blog')
    // Neither the connection nor the delivery opens for them.
    expect(text).not.toContain(connection)
    expect(text).not.toContain('/deliveries/')
  })

  it('of the whole team name no site that is not there, and do not tell whether it is', async () => {
    await pushed()
    await give(['delivery:read'], 'team')
    await give('viewer', 'site', 'shop')

    const { json } = await asked('/deliveries')
    expect(json.items[0].verdicts.map(({ site }: { site: string }) => site)).toEqual(['shop'])
    const [hidden, none] = [await asked('/deliveries?site=blog'), await asked('/deliveries?site=nope')]
    expect([hidden.status, hidden.text]).toEqual([404, none.text])
  })
})

describe('AZ-02: what is the team’s', () => {
  it('names no site of a group that is not there for them', async () => {
    const { json } = await w.api('owner', 'POST', '/site-groups', { name: 'Both' })
    for (const site of ['shop', 'blog']) await w.api('owner', 'POST', `/site-groups/${json.group.id}/sites`, { site })
    await w.api('owner', 'POST', `/members/${w.people.viewer.id}/role-grants`, {
      role: 'developer',
      on: 'site',
      thing: 'blog',
    })
    await give(['member:read'], 'team')
    await give('viewer', 'site', 'shop')

    const group = (await asked(`/site-groups/${json.group.id}`)).json
    expect(group).toMatchObject({ group: { sites: 2 }, sites: [{ slug: 'shop' }] })
    expect(await page(`/site-groups/${json.group.id}`)).toContain('And 1 more')
    expect((await asked(`/members/${w.people.viewer.id}/role-grants`)).text).not.toContain('Blog')
  })

  it('shows events and operations of servers to who reads servers, and takes none away from who is given more', async () => {
    await w.api('owner', 'PATCH', '/servers/web-1', { name: 'Moved machine' })
    await makeOperation(w.test, w.acme, { status: 'queued', subject: `server:${server.id}`, title: 'Prepare secretly' })
    await w.api('developer', 'PATCH', '/sites/blog', { memoryMb: 600 })
    await give(['site:read', 'event:read', 'operation:read'], 'team')
    const lists = async () => (await asked('/activity')).text + (await asked('/operations')).text

    expect(await lists()).toContain('Blog')
    expect(await lists()).not.toMatch(/Moved machine|Prepare secretly/)
    const before = (await asked('/activity')).json.items.length
    await give('viewer', 'site', 'shop')
    expect((await asked('/activity')).json.items.length).toBeGreaterThanOrEqual(before)
  })
})

describe('AZ-02: who reads events in the whole team', () => {
  it('reads those of people and roles as well, also where they read no servers', async () => {
    await give(['event:read'], 'team')
    await w.api('owner', 'PATCH', '/servers/web-1', { name: 'Moved machine' })

    const types = (await asked('/activity')).json.items.map(({ type }: { type: string }) => type)
    expect(types).toEqual(expect.arrayContaining(['role.created', 'role.given']))
    expect(types).not.toContain('server.updated')
  })

  it('is not told to add a server where the team has one that they do not read', async () => {
    await w.test.query('delete from sites')
    await give(['site:read', 'site:create'], 'team')

    expect(await page('')).not.toContain('From nothing to a running site')
  })
})

describe('AZ-02: what roles are held on', () => {
  beforeEach(async () => {
    await w.api('owner', 'POST', '/site-groups', { name: 'Okapi' })
  })
  const grants = () => `/members/${w.people.viewer.id}/role-grants`

  it('is named to who invites where they see it, and is not there for them to give a role on where they do not', async () => {
    await w.api('owner', 'POST', '/invitations', { email: 'a@example.com', role: 'viewer', on: 'site', thing: 'shop' })
    await w.api('owner', 'POST', grants(), { role: 'viewer', on: 'server', thing: 'web-1' })
    await give(['member:invite'], 'team')

    expect(await page('/invitations')).not.toMatch(/Shop|web-1/)
    expect(await page('/invitations')).toContain('A site')
    const rights = (await asked(grants())).text
    expect([rights.includes('web-1'), rights.includes('A server')]).toEqual([false, true])
    const invite = async (thing: string) => {
      const wish = { email: 'b@example.com', role: 'viewer', on: 'site', thing }
      return (await w.api('client', 'POST', '/invitations', wish)).text.replace(thing, '…')
    }
    expect(await invite('shop')).toBe(await invite('nope'))
  })

  it('is named in the list of keys to who sees it', async () => {
    const at = w.clock.now()
    const group = (await w.api('owner', 'GET', '/site-groups')).json.groups[0].id
    for (const [name, on] of Object.entries({ Grouped: { group_id: group }, Bound: { site_id: blog.id } }))
      await insert(w.test, 'api_keys', {
        ...{ id: newId(), team_id: w.acme.id, name, owner: 'team', role: 'viewer', ...on },
        ...{ key_hash: Buffer.from(name), prefix: 'hst_sk_x', created_at: at },
      })
    await give(['api-key:manage-own', 'api-key:manage'], 'team')
    await w.test.query(`update roles set permissions = '{api-key:manage}'`)
    await give(['api-key:manage-own'], 'site', 'shop')

    const named = (await asked('/api-keys')).json.apiKeys
    const on = (key: string) => named.find(({ name }: { name: string }) => name === key)?.on.name
    expect([on('Grouped'), on('Bound')]).toEqual(['A group of sites', 'A site'])
  })
})

describe('AZ-02: the page of a server', () => {
  it.each(['team', 'server'] as const)(
    'shows sites and operations to who may read them: server:read on the %s',
    async (on) => {
      await makeOperation(w.test, w.acme, {
        status: 'queued',
        subject: `server:${server.id}`,
        title: 'Prepare secretly',
      })
      await give(['server:read'], on, on === 'server' ? 'web-1' : '')

      const text = await page('/servers/web-1')
      expect(text).toContain('2 sites here, which your role does not show.')
      expect(text).not.toMatch(/Shop|Blog|Prepare secretly/)
    },
  )

  it('says on the first page that their own is away, however many are away that they only see sites of', async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const away = await makeServer(w.test, w.acme, { slug: `a-${number}`, name: `a-${number}`, status: 'unreachable' })
      await makeSite(w.test, away, w.acme, { slug: `site-${number}`, name: `Site ${number}` })
      await give(['site:read'], 'site', `site-${number}`).catch(() => undefined)
    }
    await makeServer(w.test, w.acme, { slug: 'zz', name: 'zz', status: 'unreachable' })
    await give('viewer', 'server', 'zz')

    const { json } = await asked('/home')
    expect(json.attention).toMatchObject([{ kind: 'unreachable', subject: 'zz' }])
    expect(json.moreAttention).toBe(0)
  })

  it('is found by who sees servers and no site', async () => {
    await give(['server:read'], 'server', 'web-1')

    expect((await asked('/search?q=web')).json).toMatchObject({ sites: [], servers: [{ slug: 'web-1' }] })
    expect(await page('')).not.toContain('Nothing for your role here yet')
  })
})

describe('AZ-02: the first page', () => {
  it('tells of a deploy that failed whoever reads deploys, and nobody that all is well with what they do not see', async () => {
    await give(['site:read'], 'site', 'shop')
    expect(await page('')).not.toContain('Nothing needs attention')
    await give(['deploy:read'], 'site', 'shop')
    expect(await page('')).toMatch(/Nothing needs attention: the last deploy of each site went well\./)

    const operation = {
      subject: `site:${shop.id}`,
      status: 'failed',
      message: 'The build failed',
      ended_at: w.clock.now(),
    }
    const { id } = await makeDeploy(w.test, shop, w.acme, { number: 3, operation })
    await w.test.query('update sites set failing_deploy_id = $1 where id = $2', [id, shop.id])
    const text = await page('')
    expect(text).toContain('The last deploy of Shop failed')
    expect(text).toContain('href="/teams/acme/sites/shop/deploys/3"')
  })
})

describe('AZ-02: the page of a site', () => {
  it('leads to its server whoever reads that one, and not who reads another', async () => {
    await makeServer(w.test, w.acme, { slug: 'web-2', name: 'web-2' })
    await give(['site:read'], 'site', 'shop')
    await give(['server:read'], 'server', 'web-2')
    expect(await page('/sites/shop')).not.toContain('href="/teams/acme/servers/web-1"')

    await give(['server:check'], 'server', 'web-1')
    expect(await page('/sites/shop')).toContain('href="/teams/acme/servers/web-1"')
  })
})

describe('AZ-02: a right to change one thing', () => {
  it('shows no previews to who sets variables alone', async () => {
    await insert(w.test, 'previews', {
      ...{ id: newId(), team_id: w.acme.id, site_id: shop.id, number: 7, title: 'Secret title', author: 'bob' },
      ...{ head_branch: 'topic', base_branch: 'main', head_commit: 'b'.repeat(40), is_fork: false, is_open: true },
      ...{ repository_key: 'git.example/acme/shop', pushed_at: w.clock.now(), created_at: w.clock.now() },
    })
    await give(['environment:update'], 'site', 'shop')
    const variable = { key: 'COLOUR', value: 'blue', kind: 'both', isSecret: false }

    const made = await w.api('client', 'POST', '/sites/shop/previews/variables', variable)
    expect([made.status, made.json.previews]).toEqual([201, []])
    expect((await asked('/sites/shop/previews')).status).toBe(403)
    // Who changes variables reads them.
    expect((await asked('/sites/shop/environment')).status).toBe(200)
  })

  it('leaves the branch to who may choose the repository', async () => {
    await give(['site:update', 'push:manage'], 'site', 'shop')
    const pushes = { autoDeploy: true, watchedPaths: [], ignoredPaths: [] }

    const refused = await w.api('client', 'PATCH', '/sites/shop', { branch: 'evil' })
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('choose another branch')])
    expect((await w.api('client', 'PUT', '/sites/shop/pushes', { ...pushes, branch: 'evil' })).status).toBe(422)
    expect((await w.api('client', 'PUT', '/sites/shop/pushes', { ...pushes, branch: 'main' })).status).toBe(200)
    expect((await w.api('client', 'PATCH', '/sites/shop', { branch: 'main', memoryMb: 700 })).status).toBe(200)
  })

  it('compares releases without the names of variables, for who may not read them', async () => {
    await give(['deploy:read'], 'site', 'shop')
    const digests = ['{}', JSON.stringify({ SECRET_NAME: 'x' })]
    const [row] = await w.test.query<SitesRow>('select * from sites where id = $1', [shop.id])
    const settings = JSON.stringify(row && settingsOf(row))
    for (const [index, environment_digests] of digests.entries())
      await makeRelease(w.test, shop, w.acme, { number: index + 1, environment_digests, settings })
    const comparison = '/sites/shop/comparison?from=1&to=2'

    expect((await asked(comparison)).json).toMatchObject({ environment: null })
    expect(await page(comparison)).toContain('does not show what of the environment differs')
    await give(['environment:read'], 'site', 'shop')
    expect((await asked(comparison)).json.environment).toEqual([{ key: 'SECRET_NAME', change: 'added' }])
  })
})
