import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { homePage } from '../../server/home/home.js'
import { makeDeploy, makeOperation } from '../support/deploys.js'
import { insert, makeRelease, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

const visit = (name: Name, path = '/teams/acme') => w.visit(name, path)

/** A site whose release is live, so that nothing of the first steps is left. */
async function liveSite(values: Record<string, unknown> = {}) {
  const server = await makeServer(w.test, w.acme)
  const site = await makeSite(w.test, server, w.acme, values)
  const release = await makeRelease(w.test, site, w.acme)
  await w.test.query('update sites set live_release_id = $1, state = $2 where id = $3', [release.id, 'active', site.id])
  return { server, site, release }
}

const fail = (site: { id: string }, deploy: { id: string }) =>
  w.test.query('update sites set failing_deploy_id = $1 where id = $2', [deploy.id, site.id])

describe('the first page of a new team', () => {
  it('leads from a server to a site to a deploy, one step at a time', async () => {
    const steps = async () => (await homePage(await w.ctx('owner'))).firstSteps?.find(({ isNext }) => isNext)

    expect(await steps()).toMatchObject({ step: 'server', state: 'waiting' })
    const server = await makeServer(w.test, w.acme, { status: 'new' })
    expect(await steps()).toMatchObject({ step: 'server', state: 'running' })
    await w.test.query(`update servers set status = 'ready'`)
    expect(await steps()).toMatchObject({ step: 'site', state: 'waiting' })
    const site = await makeSite(w.test, server, w.acme)
    expect(await steps()).toMatchObject({ step: 'deploy', state: 'waiting' })
    const release = await makeRelease(w.test, site, w.acme)
    await w.test.query('update sites set live_release_id = $1', [release.id])
    expect((await homePage(await w.ctx('owner'))).firstSteps).toBeNull()
  })

  it('offers a step only to those who may take it', async () => {
    expect((await visit('owner')).text).toContain('href="/teams/acme/servers/new"')
    const viewers = await visit('viewer')
    expect(viewers.text).toContain('From nothing to a running site')
    expect(viewers.text).not.toContain('href="/teams/acme/servers/new"')
  })
})

describe('what needs attention', () => {
  it('is said of servers that are away, changed their host key or are full, and of sites that failed', async () => {
    const { site } = await liveSite({ name: 'Shop' })
    await makeServer(w.test, w.acme, { name: 'web-away', status: 'unreachable', status_message: 'No answer' })
    await makeServer(w.test, w.acme, { name: 'web-other', host_key_changed_to: 'ssh-ed25519 AAAA' })
    const full = await makeServer(w.test, w.acme, { name: 'web-full' })
    await reading(full, { disk_used_bytes: 93, at: w.clock.now() })
    const operation = { status: 'failed', message: 'The build failed' }
    await fail(site, await makeDeploy(w.test, site, w.acme, { operation }))

    const { attention, moreAttention } = await homePage(await w.ctx('viewer'))

    expect(attention.map(({ title }) => title)).toEqual([
      'web-away cannot be reached',
      'The host key of web-other has changed',
      'The last deploy of Shop failed',
      'The disk of web-full is 93 % full',
    ])
    expect(attention[2]?.text).toBe('The build failed. The release before it still serves.')
    expect(moreAttention).toBe(0)
  })

  it('is not said of a disk that has room again, nor of an old reading', async () => {
    const { server } = await liveSite()
    const minute = 60_000
    await reading(server, { disk_used_bytes: 93, at: new Date(w.clock.now().getTime() - 2 * minute) })
    await reading(server, { disk_used_bytes: 50, at: new Date(w.clock.now().getTime() - minute) })
    const other = await makeServer(w.test, w.acme)
    await reading(other, { disk_used_bytes: 93, at: new Date(w.clock.now().getTime() - 10 * minute) })

    expect((await homePage(await w.ctx('viewer'))).attention).toEqual([])
  })

  it('counts what there is no room for', async () => {
    const { server } = await liveSite()
    for (let number = 0; number < 7; number++) {
      const site = await makeSite(w.test, server, w.acme)
      await fail(site, await makeDeploy(w.test, site, w.acme, { operation: { status: 'failed' } }))
    }

    const { attention, moreAttention } = await homePage(await w.ctx('viewer'))
    expect([attention.length, moreAttention]).toEqual([5, 2])
    expect((await visit('viewer')).text).toContain('2 more like these')
  })

  it('is nothing when all is well, and the page says so', async () => {
    await liveSite()
    expect((await visit('viewer')).text).toContain('Nothing needs attention')
  })

  it('AZ-02: leaves out what is another team’s', async () => {
    await makeServer(w.test, w.rival, { name: 'rival-away', status: 'unreachable' })
    await makeOperation(w.test, w.rival, { status: 'running', title: 'Deploy rival' })
    await liveSite()

    const { text } = await visit('owner')
    expect(text).not.toMatch(/rival-away|Deploy rival/)
  })
})

describe('the first page', () => {
  it('shows what runs, and asks again while something does, else once something begins', async () => {
    await liveSite()
    expect((await visit('viewer')).text).toMatch(
      /hx-get="\/teams\/acme\/home\/now" hx-trigger="running-changed from:body"/,
    )
    await makeOperation(w.test, w.acme, { status: 'running', title: 'Deploy Shop', ended_at: null })

    const { text } = await visit('viewer')
    expect(text).toMatch(/hx-get="\/teams\/acme\/home\/now" hx-trigger="every 4s"/)
    expect(text).toContain('Deploy Shop')
    expect((await visit('viewer', '/teams/acme/home/now')).text).toContain('Deploy Shop')
  })

  it('shows the last deploys with how they went and how long they took', async () => {
    const { site, release } = await liveSite({ name: 'Shop' })
    await makeDeploy(w.test, site, w.acme, { release_id: release.id })

    const { deploys } = await homePage(await w.ctx('viewer'))
    expect(deploys).toMatchObject([{ site_name: 'Shop', status: 'live', commit_subject: 'First', duration_ms: 41_000 }])
  })

  it('XT-01: shows names as they are, whatever is in them', async () => {
    const name = '"><img src=x onerror=alert(1)>{{7*7}}'
    const { site } = await liveSite({ name })
    await fail(site, await makeDeploy(w.test, site, w.acme, { operation: { status: 'failed', message: name } }))
    await makeOperation(w.test, w.acme, { status: 'running', title: name, requested_by: name })

    for (const path of ['/teams/acme', '/teams/acme/operations/pill', '/teams/acme/search?q=img']) {
      const { text } = await visit('viewer', path)
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;{{7*7}}')
      expect(text).not.toContain('<img src=x')
    }
  })

  it('is an empty page for who sees no sites, no page for a stranger, and a sign-in for nobody', async () => {
    await liveSite({ name: 'Shop' })
    await makeOperation(w.test, w.acme, { status: 'running', title: 'Deploy Shop' })

    const billing = await visit('billing')
    expect(billing.status).toBe(200)
    expect(billing.text).toContain('Nothing for your role here yet')
    expect(billing.text).not.toMatch(/Shop/)
    expect((await visit('stranger')).status).toBe(404)
    expect((await w.panel.browser().get('/teams/acme')).headers.get('location')).toMatch(/^\/sign-in/)
  })

  it('is the API’s, too', async () => {
    await liveSite()
    const ask = (name: Name) =>
      fetch(`${w.panel.url}/api/v1/teams/acme/home`, { headers: { authorization: `Bearer ${w.people[name].apiKey}` } })

    expect(await (await ask('viewer')).json()).toMatchObject({ attention: [], operations: [], firstSteps: null })
    expect((await ask('stranger')).status).toBe(404)
  })
})

describe('the menu', () => {
  it('holds what somebody’s role opens', async () => {
    const menu = async (name: Name) =>
      [...(await visit(name)).text.matchAll(/<nav class="nav-groups"[\s\S]*?<\/nav>/g)]
        .flatMap(([html]) => [...html.matchAll(/<\/svg>\s*([^<]+)<\/a>/g)])
        .map(([, label]) => label?.trim())

    expect(await menu('owner')).toEqual([
      'Home',
      'Sites',
      'Servers',
      'Pushes',
      'Activity',
      'API keys',
      'Members',
      'Sign-in',
    ])
    expect(await menu('viewer')).toEqual(['Home', 'Sites', 'Servers', 'Pushes', 'Activity', 'Members'])
    expect(await menu('billing')).toEqual(['Home', 'Members'])
  })

  it('leads to pages that are there', async () => {
    const { text } = await visit('owner')
    const [nav = ''] = /<nav class="nav-groups"[\s\S]*?<\/nav>/.exec(text) ?? []
    for (const [, href = ''] of nav.matchAll(/href="([^"]+)"/g)) expect((await visit('owner', href)).status).toBe(200)
  })
})

const reading = (server: { id: string }, values: Record<string, unknown>) =>
  insert(w.test, 'server_readings', {
    server_id: server.id,
    team_id: w.acme.id,
    cpu_percent: 1,
    memory_used_bytes: 1,
    memory_total_bytes: 2,
    disk_total_bytes: 100,
    load_1m: 0.1,
    ...values,
  })
