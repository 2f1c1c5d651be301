import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

describe('by the API', () => {
  it('the audit log is exported, and that it was is an event of the key', async () => {
    const answer = await w.api('owner', 'POST', '/audit/exports', { format: 'jsonl', act: 'audit' })

    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'audit.exported', actor_kind: 'api-key' })
    expect((await w.api('viewer', 'POST', '/audit/exports', { format: 'csv' })).status).toBe(403)
    expect(await w.api('owner', 'POST', '/audit/exports', { format: 'pdf' })).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'format' }] },
    })
  })

  it('an export is refused with an Idempotency-Key before anything is done', async () => {
    const { status } = await fetch(`${w.panel.url}/api/v1/teams/acme/audit/exports`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${w.people.owner.apiKey}`, 'content-type': 'application/json' },
        'idempotency-key': 'one',
      },
      body: '{"format":"csv"}',
    })

    expect(status).toBe(400)
    expect(await w.test.query(`select 1 from events where type = 'audit.exported'`)).toEqual([])
  })

  it('forwarding is set, looked at and ended, and its secret is never told', async () => {
    const wish = { kind: 'https', address: 'https://siem.example.com/in', secret: 'canary_of_the_siem_1' }

    const set = await w.api('owner', 'PUT', '/audit/forward', wish)
    expect(set).toMatchObject({
      status: 200,
      json: { forward: { kind: 'https', address: wish.address, hasSecret: true } },
    })
    const seen = await w.api('owner', 'GET', '/audit/forward')
    expect(seen.json).toMatchObject({ behind: expect.any(Number), forward: { fault: null, failures: 0 } })
    expect(set.text + seen.text).not.toContain('canary')
    expect(await w.api('owner', 'PUT', '/audit/forward', { ...wish, secret: 'short' })).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'secret' }] },
    })
    expect((await w.api('owner', 'DELETE', '/audit/forward')).status).toBe(204)
    expect((await w.api('owner', 'DELETE', '/audit/forward')).status).toBe(404)
    expect((await w.api('owner', 'POST', '/audit/forward/test')).status).toBe(404)
    expect((await w.api('developer', 'GET', '/audit/forward')).status).toBe(403)
  })

  it('one sees what would go with the team', async () => {
    const { status, json } = await w.api('owner', 'GET', '/deletion')

    expect([status, json]).toMatchObject([200, { deletion: { deleteAfter: null }, sites: [], apiKeys: 6 }])
    expect((await w.api('admin', 'GET', '/deletion')).status).toBe(403)
  })

  it('the reference tells of all of it', async () => {
    const response = await fetch(`${w.panel.url}/api/v1/openapi.json`)
    const { paths } = (await response.json()) as { paths: Record<string, Record<string, { responses: object }>> }

    for (const path of [
      '/invitations',
      '/invitations/{invitation}',
      '/audit/forward',
      '/deletion',
      '/members',
      '/roles',
    ])
      expect(Object.keys(paths)).toContain(`/teams/{team}${path}`)
    expect(JSON.stringify(paths['/teams/{team}/audit/exports']?.post?.responses)).toContain('application/x-ndjson')
  })
})
