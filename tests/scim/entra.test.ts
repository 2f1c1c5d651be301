import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Directory, type DirectoryWorld, directoryWorld } from '../support/directory-world.js'

const core = 'urn:ietf:params:scim:schemas:core:2.0'
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** As Entra’s provisioning asks: https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups */
describe('Entra', () => {
  let w: DirectoryWorld
  let entra: Directory
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    entra = await w.directory('owner', 'Entra')
  })
  afterAll(() => w.close())

  const ada = {
    schemas: [`${core}:User`, enterprise],
    externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
    userName: 'Test_User_ab6490ee@acme.example',
    active: true,
    emails: [{ primary: true, type: 'work', value: 'Ada.Lovelace@acme.example' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
    roles: [],
    [enterprise]: { department: 'Analysis' },
  }
  const add = async () => (await entra.ask('POST', '/Users', ada)).body
  const patch = (path: string, Operations: unknown[]) => entra.ask('PATCH', path, { schemas: [patchOp], Operations })

  it('tries the connection with a user that there cannot be', async () => {
    const filter = encodeURIComponent('userName eq "non-existing user"')
    const { status, body } = await entra.ask('GET', `/Users?filter=${filter}`)

    expect([status, body]).toEqual([
      200,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
        ...{ totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
      },
    ])
  })

  it('finds a user by name, whatever the letters, and by what it calls them', async () => {
    const { id } = await add()
    for (const filter of [
      'userName eq "TEST_USER_AB6490EE@acme.example"',
      `externalId eq "${ada.externalId}"`,
      `${core}:User:userName eq "${ada.userName}" and active eq true`,
      'emails[type eq "work" and value eq "ada.lovelace@acme.example"]',
      `not (userName eq "somebody") and (displayName pr or id eq "${id}")`,
    ])
      expect(
        (await entra.ask('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.Resources,
        filter,
      ).toMatchObject([{ id, userName: ada.userName }])
    expect(
      (await entra.ask('GET', `/Users?filter=${encodeURIComponent('userName sw "x" or active eq false')}`)).body,
    ).toMatchObject({
      totalResults: 0,
    })
  })

  it('changes several attributes at once, with those in it that we do not keep', async () => {
    const { id } = await add()
    const { status, body } = await patch(`/Users/${id}`, [
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updated@acme.example' },
      { op: 'Replace', path: 'name.familyName', value: 'updated name' },
      { op: 'Add', path: `${enterprise}:department`, value: 'Engines' },
      { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '1' },
      { op: 'Replace', value: { displayName: 'Ada', 'name.givenName': 'Augusta', [`${enterprise}:manager`]: 'x' } },
    ])

    expect([status, body]).toMatchObject([
      200,
      {
        emails: [{ value: 'updated@acme.example' }],
        ...{ displayName: 'Ada', name: { givenName: 'Augusta', familyName: 'updated name' } },
      },
    ])
  })

  it('deactivates by the word "False", and the user is still found and says so', async () => {
    const { id } = await add()
    const { status, body } = await patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }])

    expect([status, body.active]).toEqual([200, false])
    expect((await entra.ask('GET', `/Users/${id}`)).body).toMatchObject({ active: false })
    expect(Object.keys(await w.members())).not.toContain('ada.lovelace@acme.example')
    expect(await w.eventTypes()).toContain('member.removed')
  })

  it('removes the user, who is not found any more', async () => {
    const { id } = await add()

    expect((await entra.ask('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await entra.ask('DELETE', `/Users/${id}`)).status).toBe(404)
    const { status, body } = await entra.ask('GET', `/Users/${id}`)
    expect([status, body]).toEqual([
      404,
      { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], detail: 'There is no such user', status: '404' },
    ])
  })

  it('makes a group, looks at it without its members, and adds and removes them as Entra does', async () => {
    const { id: user } = await add()
    const made = await entra.ask('POST', '/Groups', {
      schemas: [`${core}:Group`, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      ...{
        externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
        displayName: 'displayName',
        meta: { resourceType: 'Group' },
      },
    })
    expect([made.status, made.body.members]).toEqual([201, []])
    const path = `/Groups/${made.body.id}`
    const found = () =>
      entra.ask(
        'GET',
        `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "displayName"')}`,
      )
    const isIn = async () => {
      const filter = encodeURIComponent(`id eq "${made.body.id}" and members eq "${user}"`)
      return (await entra.ask('GET', `/Groups?filter=${filter}`)).body.totalResults
    }

    expect((await patch(path, [{ op: 'Add', path: 'members', value: [{ $ref: null, value: user }] }])).status).toBe(204)
    expect(await isIn()).toBe(1)
    expect((await found()).body.Resources[0]).not.toHaveProperty('members')
    expect((await patch(path, [{ op: 'Replace', path: 'displayName', value: 'renamed' }])).status).toBe(204)
    expect((await patch(path, [{ op: 'Remove', path: 'members', value: [{ $ref: null, value: user }] }])).status).toBe(
      204,
    )
    expect([await isIn(), (await found()).body.totalResults]).toEqual([0, 0])
    expect((await entra.ask('DELETE', path)).status).toBe(204)
  })
})
