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

/** What an event may know besides its subject. */
const facts = {
  ...{ deploy: 3, release: 2, why: 'The disk is full', leftOn: 'web-1', settings: ['start command'] },
  commit: '0123456789abcdef0123456789abcdef01234567',
  ...{ added: ['A', 'B'], changed: [], removed: ['C'] },
  ...{ provider: 'Cloudflare' },
  ...{ on: true, set: 'A', number: 12, change: 'opened' },
  ...{ domain: 'www.example.com', role: 'redirect', issuer: 'Example CA', days: 7 },
  ...{ visitor: 'ada', headers: ['X-Robots-Tag'], refusal: 'not-invited' },
}

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

  it('has a plain sentence for every type of event', () => {
    const told = eventTypes.map((type) => {
      const { before, after } = sentenceFor(type, facts)
      return `Ada ${before}IT${after}`
    })

    expect(told).toEqual([
      'Ada changed the sign-in rules of IT',
      'Ada made the role IT',
      'Ada changed what the role IT allows',
      'Ada removed the role IT',
      'Ada gave IT the role redirect on the whole team',
      'Ada took from IT the role redirect on the whole team',
      'Ada made the group of sites IT',
      'Ada renamed the group of sites to IT',
      'Ada removed the group of sites IT',
      'Ada put IT into the group ',
      'Ada took IT out of the group ',
      'Ada created the team IT',
      'Ada renamed the team IT, which was called ',
      'Ada gave the team to IT',
      'Ada asked to delete the team IT',
      'Ada kept the team IT',
      'Ada began to remove the team IT',
      'Ada removed the team IT',
      'Ada suspended the team IT',
      'Ada restored the team IT',
      'Ada asked for a support visit of IT for  hours',
      'Ada let IT in for support',
      'Ada did not let IT in for support',
      'Ada began the support visit of IT',
      'Ada ended the support visit of IT',
      'Ada invited IT with the role redirect',
      'Ada sent the invitation again to IT',
      'Ada revoked the invitation of IT',
      'Ada joined IT with the role redirect, invited by ',
      'Ada changed the role of IT from  to ',
      'Ada removed IT from the team',
      'Ada left the team as IT',
      'Ada added the server IT',
      'Ada changed the settings of the server IT',
      'Ada removed the server IT',
      'Ada asked to prepare the server IT',
      'Ada reached the server IT again',
      'Ada could not reach the server IT: The disk is full',
      'Ada noticed that the server IT was restarted',
      'Ada pinned the host key of the server IT',
      'Ada found another host key on the server IT, and refused it',
      'Ada accepted the new host key of the server IT',
      'Ada set www.example.com as the sites domain of IT',
      'Ada found www.example.com proven for all sites of IT',
      'Ada took the sites domain www.example.com away from IT',
      'Ada removed the sites domain www.example.com of IT',
      'Ada created the site IT',
      'Ada changed the settings of the site IT: start command',
      'Ada changed the environment of the site IT: added A, B; removed C',
      'Ada activated the site IT',
      'Ada deactivated the site IT',
      'Ada archived the site IT',
      'Ada brought the site IT back from the archive',
      'Ada asked to delete the site IT',
      'Ada deleted the site IT, and left what is of it on web-1',
      'Ada added the domain www.example.com to IT',
      'Ada changed the domain www.example.com of IT: it redirects',
      'Ada removed the domain www.example.com from IT',
      'Ada found www.example.com proven for IT',
      'Ada took the domain www.example.com away from IT',
      'Ada saw a new certificate for www.example.com of IT: Example CA',
      'Ada saw that the certificate for www.example.com ends within 7 days, of IT: The disk is full',
      'Ada gave www.example.com a certificate, of IT: Example CA',
      'Ada removed the certificate that was given to www.example.com, of IT',
      'Ada has the certificate of www.example.com obtained through Cloudflare for IT',
      'Ada ended the renewal of the certificate of www.example.com for IT',
      'Ada asked anew for the certificate of www.example.com for IT',
      'Ada changed HTTPS for the domains of IT',
      'Ada gave ada a password for IT',
      'Ada took away the password of ada for IT',
      'Ada changed the headers of IT: X-Robots-Tag',
      'Ada put the maintenance page before IT',
      'Ada took the maintenance page away from IT',
      'Ada changed the maintenance page of IT',
      'Ada connected the repository IT',
      'Ada changed the webhook secret of IT',
      'Ada gave a token to the connection of IT',
      'Ada removed the token of the connection of IT',
      'Ada could not show a deploy on the commits of IT: The disk is full',
      'Ada forgot the connection to IT',
      'Ada connected GitHub by the app IT',
      'Ada forgot the GitHub App IT',
      'Ada installed the GitHub App IT',
      'Ada noticed that the GitHub App IT was uninstalled',
      'Ada noticed that the GitHub App IT was suspended',
      'Ada noticed that the GitHub App IT may work again',
      'Ada noticed that the GitHub App IT sees other repositories: A, B came, C went',
      'Ada changed what pushes do to the site IT: start command',
      'Ada let pull requests have previews of the site IT',
      'Ada changed the variables of previews of the site IT: A',
      'Ada heard that pull request 12 was opened, for the site IT',
      'Ada approved a commit of pull request 12 of the site IT',
      'Ada removed the preview of pull request 12 of the site IT',
      'Ada brought the preview of pull request 12 back, of the site IT',
      'Ada froze the site IT',
      'Ada ended the freeze of the site IT',
      'Ada made a deploy hook for the site IT',
      'Ada removed the deploy hook of the site IT',
      'Ada asked for deploy 3 of IT',
      'Ada asked to go back to release 2 of IT',
      'Ada began deploy 3 of IT, commit 0123456',
      'Ada put deploy 3 of IT live',
      'Ada could not finish deploy 3 of IT: The disk is full',
      'Ada stopped deploy 3 of IT: The disk is full',
      'Ada took release 2 of IT back, because it did not keep running well',
      'Ada let people sign in by IT',
      'Ada changed the sign-in by IT: start command',
      'Ada ended the sign-in by IT',
      'Ada signed in by IT',
      'Ada joined the team by signing in by IT, with the role redirect',
      'Ada let somebody not in by IT: nobody has let them into the team',
      'Ada opened only to its own sign-in the team IT',
      'Ada opened to every way of signing in the team IT',
      'Ada said that addresses are the team’s, of IT',
      'Ada saw the proof that addresses are the team’s, of IT',
      'Ada no longer sees the proof that addresses are the team’s, of IT',
      'Ada gave up that addresses are the team’s, of IT',
      'Ada finished IT',
      'Ada could not finish IT',
      'Ada stopped IT',
      'Ada asked to cancel IT',
      'Ada was refused in IT',
      'Ada has events sent on of IT',
      'Ada no longer has events sent on of IT',
      'Ada exported the audit log of IT',
      'Ada made the API key IT',
      'Ada used the API key IT for the first time today',
      'Ada made a new key in place of the API key IT',
      'Ada revoked the API key IT',
    ])
    // Without its facts a sentence is shorter, but still one.
    for (const type of eventTypes) {
      const { before, after } = sentenceFor(type, null)
      expect(`${before}IT${after}`, type).toMatch(/^[a-z][^:]* IT(,? [^:]*)?$/)
      expect(`${before}${after}`, type).not.toMatch(/undefined|null|\[object/)
    }
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
