import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { activityPage } from '../../server/activity/activity.js'
import { ActivityQuery } from '../../server/activity/schema.js'
import { eventTypes, sentenceFor } from '../../server/activity/sentences.js'
import { append } from '../../server/platform/events/append.js'
import type { NewEvent } from '../../server/platform/events/event.js'
import { newId } from '../../server/platform/ids.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

const say = async (name: Name, ...events: NewEvent[]) => {
  for (const event of events) await (await w.ctx(name)).transaction((tx) => append(tx, event))
}
const aboutSite = (id: string, type: NewEvent['type'], data = {}): NewEvent => ({
  type,
  subject: { kind: 'site', id },
  data,
})
const visit = (name: Name, path = '') => w.visit(name, `/teams/acme/activity${path}`)
const texts = async (query: Record<string, unknown> = {}) =>
  (await activityPage(await w.ctx('viewer'), ActivityQuery.parse(query))).items.map(({ text }) => text)

describe('the activity of a team', () => {
  it('is told in sentences, the newest first, by the names of today', async () => {
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme, { name: 'Shop' })
    await say('owner', aboutSite(site.id, 'site.created'), aboutSite(site.id, 'deploy.requested', { deploy: 3 }))
    await say('developer', { type: 'server.removed', subject: { kind: 'server', id: null }, data: { name: 'web-1' } })

    expect(await texts()).toEqual([
      'Developer removed the server web-1',
      'Owner asked for deploy 3 of Shop',
      'Owner created the site Shop',
    ])
  })

  it('does not compile for a type that has none', () => {
    // @ts-expect-error: write its sentence into server/activity/sentences.ts
    const event: NewEvent = { type: 'site.painted', subject: { kind: 'site', id: null } }
    expect(eventTypes).not.toContain(event.type)
  })

  it('shows a type of another version as it is written', () => {
    expect(sentenceFor('site.moved', null).before).toBe('site moved: ')
    expect(sentenceFor('constructor.prototype', {}).before).toBe('constructor prototype: ')
  })

  it('leads to what it tells of, as long as that is there', async () => {
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme, { slug: 'shop', name: 'Shop' })
    const operation = { kind: 'operation', id: newId() }
    await say(
      'owner',
      aboutSite(site.id, 'deploy.requested', { deploy: 3 }),
      { type: 'operation.succeeded', subject: operation, data: { title: 'Check web-1' } },
      { type: 'api-key.created', subject: { kind: 'api-key', id: newId() }, data: { name: 'CI' } },
      { type: 'server.removed', subject: { kind: 'server', id: newId() }, data: { name: 'web-1' } },
    )
    const told = async (name: Name) =>
      [...(await visit(name)).text.matchAll(/<span class="row-text is-plain">(.*?)<\/span>/gs)].map(([, line]) => line)

    expect(await told('developer')).toEqual([
      '<b>Owner</b> removed the server <b>web-1</b>',
      '<b>Owner</b> made the API key <a href="/teams/acme/api-keys">CI</a>',
      `<b>Owner</b> finished <a href="/teams/acme/operations/${operation.id}">“Check web-1”</a>`,
      '<b>Owner</b> asked for deploy 3 of <a href="/teams/acme/sites/shop/deploys/3">Shop</a>',
    ])
    expect((await told('viewer'))[1]).toBe('<b>Owner</b> made the API key <b>CI</b>')
  })

  it('can be narrowed to a site, a server or a person', async () => {
    const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
    const shop = await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop' })
    const blog = await makeSite(w.test, server, w.acme, { slug: 'blog', name: 'Blog' })
    await say('owner', aboutSite(shop.id, 'site.created'), {
      type: 'server.added',
      subject: { kind: 'server', id: server.id },
    })
    await say('developer', aboutSite(blog.id, 'site.created'))

    expect(await texts({ site: 'shop' })).toEqual(['Owner created the site Shop'])
    expect(await texts({ server: 'web-1' })).toEqual(['Owner added the server web-1'])
    expect(await texts({ person: w.people.developer.id })).toEqual(['Developer created the site Blog'])
    expect(await texts({ site: '', server: '', person: '' })).toHaveLength(3)
    await expect(texts({ site: 'not-there' })).rejects.toMatchObject({ status: 404 })
  })

  it('is told on the first page too, and found from the site and the server that it is about', async () => {
    const server = await makeServer(w.test, w.acme)
    const site = await makeSite(w.test, server, w.acme, { name: 'Shop', slug: 'shop' })
    await say('owner', aboutSite(site.id, 'site.created'))

    const home = (await w.visit('viewer', '/teams/acme')).text
    expect(home.slice(home.indexOf('What happened last'))).toMatch(
      /<b>Owner<\/b> created the site\s*<a href="\/teams\/acme\/sites\/shop">Shop/,
    )
    expect((await w.visit('viewer', '/teams/acme/sites/shop')).text).toContain('/teams/acme/activity?site=shop')
    expect((await w.visit('viewer', `/teams/acme/servers/${server.slug}`)).text).toContain('/activity?server=')
  })

  it('goes on where a page ended', async () => {
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme)
    await say('owner', ...[1, 2, 3].map((deploy) => aboutSite(site.id, 'deploy.requested', { deploy })))

    const first = await activityPage(await w.ctx('viewer'), ActivityQuery.parse({ limit: '2' }))
    const rest = await activityPage(await w.ctx('viewer'), ActivityQuery.parse({ cursor: first.nextCursor }))
    expect([...first.items, ...rest.items].map(({ sequence }) => sequence)).toEqual([3, 2, 1])
    expect(rest.nextCursor).toBeNull()
  })

  it('says that the log is whole, and where it is not', async () => {
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme)
    await say('owner', aboutSite(site.id, 'site.created'), aboutSite(site.id, 'site.updated'))
    expect((await visit('viewer', '/verification')).text).toContain('The log is whole: 2 events')

    await w.test.query(`update events set actor_name = 'Nobody' where sequence = 1`)
    expect((await visit('viewer', '/verification')).text).toContain('tampered with at event 1')
  })

  it('XT-01: shows names as they are', async () => {
    const name = '<svg onload=alert(1)>'
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme, { name })
    await say('owner', aboutSite(site.id, 'deploy.failed', { deploy: 1, why: name }))

    const { text } = await visit('viewer')
    expect(text).toContain('&lt;svg onload=alert(1)&gt;')
    expect(text).not.toContain(name)
  })

  it('says what will be here while there is nothing', async () => {
    expect((await visit('viewer')).text).toContain('Nothing yet')
  })

  it('is closed to strangers and to whose role reads no events', async () => {
    expect((await visit('stranger')).status).toBe(404)
    expect((await visit('billing')).status).toBe(403)
  })
})
