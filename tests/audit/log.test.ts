import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { append, appendOutsideTeams } from '../../server/platform/events/append.js'
import type { NewEvent } from '../../server/platform/events/event.js'
import { newId } from '../../server/platform/ids.js'
import { days } from '../support/clock.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

let w: PanelWorld
const shop = newId()

beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  await say('owner', { type: 'site.created', subject: { kind: 'site', id: shop, name: 'Shop' } })
  await say('developer', {
    type: 'site.updated',
    subject: { kind: 'site', id: shop, name: 'Shop' },
    data: { settings: ['branch'], before: { branch: 'main' }, after: { branch: 'mauritius' } },
  })
  await say('owner', { type: 'server.added', subject: { kind: 'server', id: newId(), name: 'web-1' } }, '203.0.113.9')
})

async function say(name: Name, event: NewEvent, address = '198.51.100.7'): Promise<void> {
  const ctx = await w.ctx(name)
  const asked = Object.assign(Object.create(ctx), { address })
  await ctx.transaction((tx) => append({ ...tx, ctx: asked }, event))
}
const visit = (name: Name, query = '') => w.visit(name, `/teams/acme/audit${query}`)
const types = async (query: string) =>
  (await w.api('owner', 'GET', `/audit${query}`)).json.items.map(({ type }: { type: string }) => type)

describe('the audit log of a team', () => {
  it('shows who did what, from where, and what was before and after', async () => {
    const { status, text } = await visit('owner')

    expect(status).toBe(200)
    for (const part of ['Developer', 'changed the settings of the site', '198.51.100.7', 'main', 'mauritius'])
      expect(text).toContain(part)
  })

  it('can be narrowed to a person, an act, a thing, a time and an address', async () => {
    expect(await types(`?person=${w.people.developer.id}`)).toEqual(['site.updated'])
    expect(await types('?act=site')).toEqual(['site.updated', 'site.created'])
    expect(await types('?act=site.created')).toEqual(['site.created'])
    expect(await types('?kind=server')).toEqual(['server.added'])
    expect(await types(`?thing=${shop}`)).toEqual(['site.updated', 'site.created'])
    expect(await types('?thing=web-1')).toEqual(['server.added'])
    expect(await types('?address=203.0.113.9')).toEqual(['server.added'])
    expect(await types('?from=2026-05-05')).toEqual([])
    expect(await types('?to=2026-05-04')).toHaveLength(3)
    expect(await types('?act=site&person=&kind=&address=203.0.113.9')).toEqual([])
  })

  it('finds words, and beginnings of words, wherever they stand, and takes nothing for an operator', async () => {
    expect(await types('?words=maurit')).toEqual(['site.updated'])
    expect(await types('?words=WEB-1')).toEqual(['server.added'])
    expect(await types('?words=203.0.113')).toEqual(['server.added'])
    expect(await types('?words=site%20shop%20updated')).toEqual(['site.updated'])
    expect(await types('?words=nowhere')).toEqual([])
    for (const odd of ["'", '!!&|', '\\', ':*', '%', '((', '<->'])
      expect(await types(`?words=${encodeURIComponent(odd)}`), odd).toHaveLength(3)
  })

  it('goes on from where a page ended, also when more happens meanwhile', async () => {
    const first = (await w.api('owner', 'GET', '/audit?limit=2')).json
    await say('owner', { type: 'site.activated', subject: { kind: 'site', id: shop } })
    w.clock.advance(days(1))

    expect(await types(`?limit=2&cursor=${first.nextCursor}`)).toEqual(['site.created'])
    expect((await w.api('owner', 'GET', '/audit?cursor=nonsense')).status).toBe(400)
  })

  it('is closed to whose role does not read it, and is not there for a stranger', async () => {
    expect((await visit('developer')).status).toBe(403)
    expect((await visit('viewer')).status).toBe(403)
    expect((await visit('stranger')).status).toBe(404)
    expect((await visit('admin')).status).toBe(200)
  })

  it('AZ-04: shows no event of another team, whatever is searched', async () => {
    const stranger = await w.ctx('stranger')
    await stranger.transaction((tx) =>
      append(tx, { type: 'site.created', subject: { kind: 'site', id: newId(), name: 'Hidden' } }),
    )

    expect(await types('?words=hidden')).toEqual([])
    expect(await types('?thing=Hidden')).toEqual([])
  })

  it('refuses nonsense with a reason, and never with a fault', async () => {
    for (const query of ['?from=yesterday', '?person=1', `?words=${'x'.repeat(300)}`, '?limit=0'])
      expect((await visit('owner', query)).status, query).toBe(400)
  })
})

describe('the audit log of the panel', () => {
  it('tells the operator of sign-ins, and is not there for anybody else', async () => {
    const user = { id: w.people.owner.id, name: 'Owner' }
    await w.services.db.asIdentity((db) =>
      appendOutsideTeams(
        db,
        { kind: 'user', ...user },
        { type: 'session.started', subject: { kind: 'user', ...user }, address: '192.0.2.77' },
        w.clock.now(),
      ),
    )

    const page = await w.visit('operator', '/operator/audit?act=session')
    expect(page.status).toBe(200)
    expect(page.text).toContain('192.0.2.77')
    expect((await w.visit('owner', '/operator/audit')).status).toBe(404)
  })
})
