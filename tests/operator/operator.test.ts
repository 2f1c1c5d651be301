import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  peoplePage,
  restorePerson,
  restoreTeam,
  suspendPerson,
  suspendTeam,
  teamsPage,
} from '../../server/operator/operator.js'
import { SearchQuery } from '../../server/operator/schema.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type World, world } from '../support/people.js'

describe('the operator', () => {
  let w: World
  let panel: TestPanel
  const ctx = () => w.personCtx('operator')
  const search = (given: object = {}) => SearchQuery.parse(given)
  const events = async () =>
    (
      await w.test.query<{ type: string; data: object }>(
        "select type, data from events where type <> 'access.denied' order by at, sequence",
      )
    ).map(({ type, data }) => [type, data])
  const owner = () => panel.browser(w.people.owner.cookie).get('/teams/acme')

  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(() => w.reset())
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('finds teams and people by a part of a name or address, in pages', async () => {
    expect((await teamsPage(await ctx(), search({ q: 'RIV' }))).items).toMatchObject([{ slug: 'rival', members: 1 }])
    expect((await teamsPage(await ctx(), search({ q: '%' }))).items).toEqual([])
    expect((await peoplePage(await ctx(), search({ q: 'owner@' }))).items).toMatchObject([{ name: 'Owner', teams: 1 }])

    const first = await peoplePage(await ctx(), search({ limit: 4 }))
    const second = await peoplePage(await ctx(), search({ limit: 4, cursor: first.nextCursor }))
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      ...['Admin', 'Billing', 'Client', 'Developer', 'Operator', 'Owner', 'Stranger', 'Viewer'],
    ])
    expect(second.nextCursor).toBeNull()
  })

  it('suspends a person, who is out everywhere at once, by session, key and password', async () => {
    await suspendPerson(await ctx(), w.people.owner.id, 'Unpaid')
    await suspendPerson(await ctx(), w.people.owner.id, 'Again')

    expect(await w.authorizer.identify({ url: '/', headers: { cookie: w.people.owner.cookie } } as never)).toEqual({
      kind: 'visitor',
    })
    const headers = { authorization: `Bearer ${w.people.owner.apiKey}` }
    expect((await fetch(`${panel.url}/api/v1/teams`, { headers })).status).toBe(401)
    const browser = panel.browser()
    await browser.get('/sign-in')
    const signIn = await browser.post('/sign-in', { email: w.people.owner.email, password: 'a walk along the canal' })
    expect(signIn.status).toBe(422)
    expect(signIn.text).toContain('The address or the password is not right')
    expect((await events())[0]).toEqual(['user.suspended', { name: 'Owner', reason: 'Unpaid', sessionsEnded: 1 }])

    await restorePerson(await ctx(), w.people.owner.id)
    expect(
      (await browser.post('/sign-in', { email: w.people.owner.email, password: 'a walk along the canal' })).status,
    ).toBe(303)
  })

  it('cannot suspend themselves, nor what is not there', async () => {
    await expect(suspendPerson(await ctx(), w.people.operator.id, 'Tired')).rejects.toMatchObject({ status: 409 })
    await expect(suspendPerson(await ctx(), w.acme.id, 'Gone')).rejects.toMatchObject({ status: 404 })
    await expect(suspendTeam(await ctx(), 'acme', 'Gone')).rejects.toMatchObject({ status: 404 })
  })

  it('suspends a team: its pages are shut, also the one to delete it, and the team reads why in its log', async () => {
    await suspendTeam(await ctx(), w.acme.id, 'Abuse')
    await suspendTeam(await ctx(), w.acme.id, 'Again')

    const closed = await owner()
    expect(closed.status).toBe(403)
    expect(closed.text).toContain('Acme is suspended')
    expect((await panel.browser(w.people.owner.cookie).get('/teams/acme/deletion')).status).toBe(403)
    expect((await panel.browser(w.people.owner.cookie).get('/teams')).text).toContain('Suspended')

    await restoreTeam(await ctx(), w.acme.id)
    expect((await owner()).status).toBe(200)
    expect(await events()).toEqual([
      ['team.suspended', { name: 'Acme', reason: 'Abuse' }],
      ['team.restored', { name: 'Acme' }],
    ])
  })

  it('has pages of their own, which nobody else sees, and a way there in the menu', async () => {
    const operator = panel.browser(w.people.operator.cookie)
    const teams = await operator.get('/operator/teams')
    expect(teams.text).toContain('Rival')
    expect(teams.text).toMatch(/href="\/operator\/teams"[^>]*>.*Operator/s)
    expect((await operator.get('/operator/people')).text).toContain('viewer@example.com')
    const suspended = await operator.post(`/operator/teams/${w.acme.id}/suspension`, { reason: '' })
    expect(suspended.status).toBe(422)
    expect(suspended.text).toContain('Say why')
    expect((await operator.post(`/operator/teams/${w.acme.id}/suspension`, { reason: 'Abuse' })).status).toBe(303)
    expect((await operator.post(`/operator/teams/${w.acme.id}/suspension`, { _method: 'delete' })).status).toBe(303)

    const viewer = panel.browser(w.people.viewer.cookie)
    expect((await viewer.get('/operator/teams')).status).toBe(404)
    expect((await viewer.get('/teams/acme')).text).not.toContain('/operator/teams')
  })
})
