import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Directory, type DirectoryWorld, directoryWorld } from '../support/directory-world.js'

const user = 'urn:ietf:params:scim:schemas:core:2.0:User'
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** As Okta’s provisioning asks: https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/ */
describe('Okta', () => {
  let w: DirectoryWorld
  let okta: Directory
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    okta = await w.directory()
  })
  afterAll(() => w.close())

  const ada = {
    schemas: [user],
    userName: 'ada@acme.example',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ primary: true, value: 'ada@acme.example', type: 'work' }],
    displayName: 'Ada Lovelace',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  }

  it('tries the connection, finds nobody, and makes a user who is in the team from then on', async () => {
    const found = await okta.ask('GET', '/Users?filter=userName%20eq%20%22ada%40acme.example%22&startIndex=1&count=100')
    expect([found.status, found.body.totalResults, found.body.Resources]).toEqual([200, 0, []])

    const made = await okta.ask('POST', '/Users', ada)
    expect([made.status, made.body]).toMatchObject([
      201,
      { userName: 'ada@acme.example', externalId: ada.externalId, active: true, displayName: 'Ada Lovelace' },
    ])
    expect(made.text).not.toContain('1mz050nq')
    expect(made.headers.get('location')).toBe(made.body.meta.location)
    expect(made.headers.get('content-type')).toContain('application/scim+json')
    expect(await w.members()).toMatchObject({ 'ada@acme.example': 'viewer' })
    expect((await w.eventTypes()).slice(-2)).toEqual(['directory.person-added', 'directory.person-joined'])
  })

  it('changes a profile by PUT, and nothing by sending the same again', async () => {
    const { body } = await okta.ask('POST', '/Users', ada)
    const changed = { ...ada, id: body.id, displayName: 'Countess' }
    expect((await okta.ask('PUT', `/Users/${body.id}`, changed)).body).toMatchObject({ displayName: 'Countess' })

    const before = await w.eventTypes()
    expect((await okta.ask('PUT', `/Users/${body.id}`, changed)).status).toBe(200)
    expect(await w.eventTypes()).toEqual(before)
  })

  it('deactivates by a PATCH without a path, and activates the same account again', async () => {
    const { body } = await okta.ask('POST', '/Users', ada)
    const say = (active: boolean) =>
      okta.ask('PATCH', `/Users/${body.id}`, { schemas: [patchOp], Operations: [{ op: 'replace', value: { active } }] })

    expect((await say(false)).body).toMatchObject({ id: body.id, active: false })
    const { active: _active, ...profile } = ada
    expect((await okta.ask('PUT', `/Users/${body.id}`, profile)).body.active).toBe(false)
    expect(await w.members()).not.toHaveProperty('ada@acme.example')
    expect((await say(true)).body).toMatchObject({ id: body.id, active: true })
    expect(await w.members()).toMatchObject({ 'ada@acme.example': 'viewer' })
    expect(await w.test.query(`select 1 from users where email = 'ada@acme.example'`)).toHaveLength(1)
  })

  it('pushes a group, renames it, changes its members and removes it', async () => {
    const { body: one } = await okta.ask('POST', '/Users', ada)
    const { body: two } = await okta.ask('POST', '/Users', { ...ada, userName: 'grace@acme.example', emails: [] })
    const made = await okta.ask('POST', '/Groups', {
      schemas: [group],
      displayName: 'Engineering',
      members: [{ value: one.id, display: 'Ada' }],
    })
    expect([made.status, made.body.displayName, made.body.members]).toMatchObject([
      201,
      'Engineering',
      [{ value: one.id }],
    ])

    const path = `/Groups/${made.body.id}`
    const patched = await okta.ask('PATCH', path, {
      schemas: [patchOp],
      Operations: [
        { op: 'replace', value: { id: made.body.id, displayName: 'Builders' } },
        { op: 'add', path: 'members', value: [{ value: two.id, display: 'Grace' }] },
        { op: 'remove', path: `members[value eq "${one.id}"]` },
      ],
    })
    expect([patched.status, patched.text]).toEqual([204, ''])
    expect((await okta.ask('GET', path)).body).toMatchObject({ displayName: 'Builders', members: [{ value: two.id }] })

    expect(
      (await okta.ask('PUT', path, { schemas: [group], displayName: 'Builders', members: [] })).body.members,
    ).toEqual([])
    expect((await okta.ask('DELETE', path)).status).toBe(204)
    expect((await okta.ask('GET', path)).status).toBe(404)
  })
})
