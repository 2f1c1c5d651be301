import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const wish = { email: 'new@example.com', role: 'developer' }

describe('invitations by the API', () => {
  it('are made, listed, sent again and revoked; the link is told where nothing is mailed', async () => {
    await makeSite(w.test, await makeServer(w.test, w.acme), w.acme, { slug: 'shop', name: 'Shop' })

    const made = await w.api('owner', 'POST', '/invitations', { ...wish, on: 'site', thing: 'shop' })
    expect(made).toMatchObject({
      status: 201,
      json: { email: 'new@example.com', link: expect.stringMatching(/^http/) },
    })
    const list = await w.api('owner', 'GET', '/invitations')
    expect(list.json.invitations).toMatchObject([
      { id: made.json.id, roleName: 'Developer', onName: 'Shop', inviter: 'Owner' },
    ])
    expect(list.text).not.toContain(made.json.link)

    w.clock.advance(61_000)
    const again = await w.api('owner', 'POST', `/invitations/${made.json.id}/deliveries`)
    expect([again.status, again.json.link === made.json.link]).toEqual([201, false])
    expect((await w.api('owner', 'DELETE', `/invitations/${made.json.id}`)).status).toBe(204)
    expect((await w.api('owner', 'GET', '/invitations')).json).toEqual({ invitations: [] })
  })

  it('IV-01: give no more than the key may, nor more than who made it', async () => {
    await w.test.query(`update api_keys set role = 'admin' where team_id = $1 and created_by = $2`, [
      w.acme.id,
      w.people.owner.id,
    ])

    expect(await w.api('owner', 'POST', '/invitations', { ...wish, role: 'owner' })).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'role' }] },
    })
    expect((await w.api('developer', 'POST', '/invitations', wish)).status).toBe(403)
    expect((await w.api('owner', 'POST', '/invitations', { ...wish, role: 'nobody' })).status).toBe(422)
    expect((await w.api('owner', 'DELETE', '/invitations/none')).status).toBe(404)
  })

  it('are answered for by a person: a key of the team makes none', async () => {
    await w.test.query(`update api_keys set owner = 'team' where team_id = $1`, [w.acme.id])

    expect(await w.api('owner', 'POST', '/invitations', wish)).toMatchObject({ status: 403 })
    expect(await w.test.query('select 1 from invitations')).toEqual([])
  })

  it('LG-07: keep no link for an Idempotency-Key, and make nothing then', async () => {
    const { status } = await fetch(`${w.panel.url}/api/v1/teams/acme/invitations`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${w.people.owner.apiKey}`, 'content-type': 'application/json' },
        'idempotency-key': 'one',
      },
      body: JSON.stringify(wish),
    })

    expect(status).toBe(400)
    expect(await w.test.query('select 1 from invitations')).toEqual([])
    expect(await w.test.query('select 1 from idempotency_keys')).toEqual([])
  })
})
