import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { matchingTeamActs, readWish } from '../../server/search/rules.js'
import { search } from '../../server/search/search.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

describe('what was typed', () => {
  it.each([
    ['shop', null, 'shop'],
    ['deploy shop', 'deploy', 'shop'],
    ['go to environment of shop', 'environment', 'shop'],
    ['Shop  LOGS', 'logs', 'shop'],
    ['deploy', 'deploy', ''],
  ])('“%s”', (typed, act, site) => {
    const wish = readWish(typed)
    expect([wish.act?.act ?? null, wish.site]).toEqual([act, site])
  })

  it('finds pages and acts by how their words begin', () => {
    const titles = (text: string) => matchingTeamActs(text).map(({ title }) => title)

    expect(titles('new site')).toEqual(['New site'])
    expect(titles('go to memb')).toEqual(['Members'])
    expect(titles('invoices')).toEqual([])
  })
})

describe('⌘K', () => {
  let w: PanelWorld
  beforeAll(async () => {
    w = await panelWorld()
  })
  beforeEach(async () => {
    await w.reset()
    const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
    for (const slug of ['shop', 'shop-staging', 'acme-shop', 'blog'])
      await makeSite(w.test, server, w.acme, { slug, name: slug })
    await makeSite(w.test, server, w.acme, { slug: 'site', name: '日本語の店' })
    await makeSite(w.test, await makeServer(w.test, w.rival), w.rival, { slug: 'shop-rival', name: 'shop-rival' })
  })
  afterAll(() => w.close())

  const sites = async (q: string) => (await search(await w.ctx('viewer'), q)).sites.map(({ slug }) => slug)
  const visit = (name: Name, path: string) => w.visit(name, path)

  it('finds sites: what begins so first, then what has it inside; never another team’s', async () => {
    expect(await sites('shop')).toEqual(['shop', 'shop-staging', 'acme-shop'])
    expect(await sites('SHOP st')).toEqual(['shop-staging'])
    expect(await sites('店')).toEqual(['site'])
    expect(await sites('nothing so called')).toEqual([])
    expect(await sites("%_'\\")).toEqual([])
  })

  it('offers the newest sites and every page before anything is typed', async () => {
    const found = await search(await w.ctx('owner'), '')
    expect(found.sites).toHaveLength(5)
    expect(found.teamActs.map(({ act }) => act)).toContain('new-site')
  })

  it('finds servers by name', async () => {
    expect((await search(await w.ctx('viewer'), 'web')).servers).toMatchObject([{ slug: 'web-1' }])
  })

  it('deploys for those who may, and offers nothing else', async () => {
    const developers = await visit('developer', '/teams/acme/search/results?q=deploy+shop')
    expect(developers.text).toContain('action="/teams/acme/sites/shop/deploys"')
    const viewers = await visit('viewer', '/teams/acme/search/results?q=deploy+shop')
    expect(viewers.text).not.toContain('<form')
    expect((await search(await w.ctx('viewer'), 'new site')).teamActs).toEqual([])
  })

  it('is a page of its own without a script', async () => {
    const { status, text } = await visit('viewer', '/teams/acme/search?q=blog')
    expect(status).toBe(200)
    expect(text).toMatch(/<form[^>]*method="get"/)
    expect(text).toContain('href="/teams/acme/sites/blog"')
  })

  it('is closed to strangers, and finds no sites for whose role sees none', async () => {
    expect((await visit('stranger', '/teams/acme/search?q=shop')).status).toBe(404)
    const { status, text } = await visit('billing', '/teams/acme/search?q=shop')
    expect([status, text.includes('/sites/')]).toEqual([200, false])
  })

  it('answers at most eight sites from an index, however many there are', async () => {
    await w.test.query(
      `insert into sites (id, team_id, server_id, slug, name, repository_url, branch, credential_kind, runtime, edge, stack, port, created_at)
       select gen_random_uuid(), team_id, server_id, 'many-' || i, 'many-' || i, repository_url, branch, credential_kind, runtime, edge, stack, 20000 + i, created_at
       from sites, generate_series(1, 5000) i where slug = 'blog'`,
    )
    await w.test.query('analyze sites')
    expect(await sites('many-4')).toHaveLength(8)

    const plan = await w.services.db.inTeam(w.acme.id, async (trx) =>
      trx.raw<{ rows: { 'QUERY PLAN': string }[] }>(
        `explain select slug from sites where team_id = ? and slug collate "C" >= 'many-4' and slug collate "C" < 'many-4~' order by slug collate "C" limit 8`,
        [w.acme.id],
      ),
    )
    expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('sites_search')
  })
})
