import { afterAll, beforeAll, expect, it } from 'vitest'
import { verifyChain } from '../../server/platform/events/verify.js'
import type { Browser } from '../support/panel.js'
import { createClientRole, seedSites } from './client-site.js'
import { type InvitationWorld, invitationWorld } from './world.js'

let w: InvitationWorld
beforeAll(async () => {
  w = await invitationWorld()
})
afterAll(() => w.close())

async function join(address: string): Promise<Browser> {
  const browser = w.panel.browser()
  await w.look(browser, address)
  const token = new URL(address, w.panel.url).searchParams.get('token') ?? ''
  await browser.post('/invitation/account', { token, name: 'Carla', password: 'a boat on the lake' })
  return browser
}

/** Milliseconds until an open stream ends. */
async function endOf(response: Response): Promise<number> {
  const reader = response.body?.getReader()
  const from = performance.now()
  for (;;) if ((await reader?.read())?.done !== false) return performance.now() - from
}

it('AZ-09, AZ-10, LG-06: a client is invited to one site, sees it alone, is removed, and the log tells all of it', async () => {
  const { operation } = await seedSites(w)
  const role = await createClientRole(w)

  const carla = await join(await w.ask('owner', 'carla@client.example', role.id, 'site', 'shop'))
  const pages = ['', '/sites', '/search?q=', '/operations', '/activity']
  for (const path of pages) {
    const { status, text } = await carla.get(`/teams/acme${path}`)
    expect([path, status, text.includes('shop'), text.includes('blog')]).toEqual([
      path,
      200,
      path !== '/activity',
      false,
    ])
  }
  const cookie = { cookie: `hostler-session=${carla.cookie('hostler-session') ?? ''}` }
  const list = await fetch(`${w.panel.url}/api/v1/teams/acme/sites`, { headers: cookie })
  expect(((await list.json()) as { items: { slug: string }[] }).items.map(({ slug }) => slug)).toEqual(['shop'])
  expect((await carla.get('/teams/acme/sites/blog')).status).toBe(404)

  const stream = await fetch(`${w.panel.url}/teams/acme/operations/${operation}/log/stream`, { headers: cookie })
  const ended = endOf(stream)
  const boss = w.panel.browser(w.people.owner.cookie)
  const [{ id } = { id: '' }] = await w.test.query<{ id: string }>(`select id from users where name = 'Carla'`)
  await boss.get('/teams/acme/members')
  expect((await boss.post(`/teams/acme/members/${id}`, { _method: 'delete' })).status).toBe(303)
  expect(await ended).toBeLessThan(5000)
  expect((await carla.get('/teams/acme/sites')).status).toBe(404)

  const told = await w.test.query<{ type: string }>('select type from events where team_id = $1 order by sequence', [
    w.acme.id,
  ])
  expect(told.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['role.created', 'invitation.accepted', 'member.removed']),
  )
  const verify = () => w.services.db.inTeam(w.acme.id, (db) => verifyChain(db, w.acme.id))
  expect(await verify()).toEqual({ ok: true, events: told.length })
  await w.test.query(`update events set actor_name = 'Nobody' where type = 'member.removed' and team_id = $1`, [
    w.acme.id,
  ])
  expect(await verify()).toMatchObject({ ok: false, sequence: told.length, why: 'It was altered' })
})
