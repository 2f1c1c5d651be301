import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Directory, type DirectoryWorld, directoryWorld, speaking } from '../support/directory-world.js'

describe('what a directory may not', () => {
  let w: DirectoryWorld
  let ours: Directory
  let theirs: Directory
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    ours = await w.directory()
    theirs = await w.directory('stranger', 'Rivals')
  })
  afterAll(() => w.close())

  const add = (directory: Directory, userName: string) =>
    directory.ask('POST', '/Users', { userName, emails: [{ value: userName }] })
  const group = (directory: Directory, members: unknown[] = []) =>
    directory.ask('POST', '/Groups', { displayName: 'Builders', members })

  it('AZ-02: see, change or use what another team’s has told: it is, to the byte, not there', async () => {
    const { body: user } = await add(theirs, 'stranger@example.com')
    const { body: told } = await group(theirs)
    const { body: mine } = await group(ours)
    const ask = async (path: string) => {
      const patched = { Operations: [{ op: 'replace', value: { displayName: 'x' } }] }
      const answers = [
        await ours.ask('GET', path),
        await ours.ask('PUT', path, { userName: 'x@acme.example', displayName: 'x' }),
        await ours.ask('PATCH', path, patched),
        await ours.ask('DELETE', path),
      ]
      return answers.map(({ status, text, headers }) => [status, text, headers.get('content-type')])
    }

    expect(await ask(`/Users/${user.id}`)).toEqual(await ask(`/Users/${randomUUID()}`))
    expect(await ask(`/Groups/${told.id}`)).toEqual(await ask(`/Groups/${randomUUID()}`))
    expect((await ask('/Users/nonsense')).map(([status]) => status)).toEqual([404, 404, 404, 404])
    const value = (id: string) =>
      ours.ask('PATCH', `/Groups/${mine.id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] })
    const [foreign, none] = [await value(user.id), await value(user.id.replace(/^./, 'f'))]
    expect([foreign.status, foreign.body.scimType, none.status]).toEqual([400, 'invalidValue', 400])
    expect((await ours.ask('GET', '/Users')).body.totalResults).toBe(0)
    expect((await theirs.ask('GET', `/Users/${user.id}`)).status).toBe(200)
  })

  it('AZ-02: be seen through the door of another team', async () => {
    for (const directory of [ours, theirs]) {
      const { body } = await add(directory, directory === ours ? 'ada@acme.example' : 'stranger@example.com')
      await group(directory, [{ value: body.id }])
    }
    for (const table of ['tokens', 'users', 'groups', 'group_members'] as const) {
      const seen = await w.services.db.inTeam(w.acme.id, (db) => db(`directory_${table}`).select('team_id'))
      expect(seen, table).toEqual([{ team_id: w.acme.id }])
    }
  })

  it('AZ-02: have its token open another directory, of this team or of another, which is as one that is not there', async () => {
    const second = await w.directory('owner', 'Entra')
    const answers = await Promise.all(
      [theirs.id, second.id, randomUUID(), 'nonsense', "'; drop table users"].map(async (id) => {
        const { status, text } = await speaking(w, encodeURIComponent(id), ours.token).ask('GET', '/Users')
        return [status, text]
      }),
    )

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.[0]).toBe(401)
  })

  it('AK-05: open anything else by its token, and nothing else opens what is its own', async () => {
    const bearer = { authorization: `Bearer ${ours.token}` }
    for (const path of ['/api/v1/teams', '/api/v1/teams/acme/members', '/teams/acme', '/sign-in'])
      expect([path, (await fetch(w.panel.url + path, { headers: bearer, redirect: 'manual' })).status]).toEqual([
        path,
        401,
      ])

    const { cookie, apiKey } = w.people.owner
    for (const headers of [{}, { cookie }, { authorization: `Bearer ${apiKey}` }, { authorization: 'Basic eDp5' }]) {
      const { status, headers: said } = await fetch(`${w.panel.url}/scim/v2/${ours.id}/Users`, { headers })
      expect([status, said.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
    expect((await ours.ask('GET', `/Users?access_token=${ours.token}`)).status).toBe(400)
  })

  it.each<[string, string, string, unknown, number, string?]>([
    ['a body that is no JSON', 'POST', '/Users', '{"userName":', 400],
    ['a body that is no object', 'POST', '/Users', [1], 400, 'invalidSyntax'],
    ['no body', 'POST', '/Users', undefined, 400, 'invalidValue'],
    ['a name that is no text', 'POST', '/Users', { userName: { a: 1 } }, 400, 'invalidValue'],
    ['a name of a thousand letters', 'POST', '/Users', { userName: 'x'.repeat(1000) }, 400, 'invalidValue'],
    ['a name with line breaks', 'POST', '/Users', { userName: 'a\r\nb@acme.example' }, 400, 'invalidValue'],
    ['a NUL', 'POST', '/Users', { userName: 'a\0@acme.example' }, 400],
    ['no address', 'POST', '/Users', { userName: 'ada' }, 400, 'invalidValue'],
    ['addresses that are none', 'POST', '/Users', { userName: 'ada', emails: [{ value: 7 }] }, 400, 'invalidValue'],
    ['addresses that are texts', 'POST', '/Users', { userName: 'ada', emails: ['a', 1] }, 400, 'invalidSyntax'],
    ['neither true nor false', 'POST', '/Users', { userName: 'a@acme.example', active: 'maybe' }, 400, 'invalidValue'],
    ['members that are none', 'POST', '/Groups', { displayName: 'x', members: [{ value: 7 }] }, 400, 'invalidValue'],
    [
      'members that are no ids',
      'POST',
      '/Groups',
      { displayName: 'x', members: [{ value: 'x' }] },
      400,
      'invalidValue',
    ],
    ['members that are groups', 'POST', '/Groups', { displayName: 'x', members: 'all' }, 400, 'invalidSyntax'],
    ['a group without a name', 'POST', '/Groups', {}, 400, 'invalidValue'],
    ['a filter that is none', 'GET', '/Users?filter=userName%20eq', undefined, 400, 'invalidFilter'],
    ['a filter that goes on', 'GET', '/Users?filter=userName%20eq%20%22a%22%20b', undefined, 400, 'invalidFilter'],
    [
      'a filter of line breaks',
      'GET',
      `/Users?filter=a%20eq%20%22${'%0A'.repeat(60)}`,
      undefined,
      400,
      'invalidFilter',
    ],
    ['a filter of brackets', 'GET', `/Users?filter=${'('.repeat(900)}`, undefined, 400, 'invalidFilter'],
    ['a filter by a password', 'GET', '/Users?filter=password%20eq%20%22a%22', undefined, 400, 'invalidFilter'],
    ['a filter that is greater', 'GET', '/Users?filter=userName%20gt%20%22a%22', undefined, 400, 'invalidFilter'],
    ['a filter by __proto__', 'GET', '/Users?filter=__proto__%20pr', undefined, 400, 'invalidFilter'],
    ['a filter with SQL', 'GET', `/Users?filter=${encodeURIComponent(`userName eq "' or 1=1 --"`)}`, undefined, 200],
    ['a filter with marks', 'GET', `/Users?filter=${encodeURIComponent('userName co "?%_$1"')}`, undefined, 200],
    ['a page that is none', 'GET', '/Users?startIndex=first', undefined, 400, 'invalidValue'],
    ['a parameter that there is not', 'GET', '/Users?cursor=1', undefined, 400],
    ['a parameter twice', 'GET', '/Users?count=1&count=2', undefined, 400],
    ['another method', 'DELETE', '/Users', undefined, 405],
    ['an address that there is not', 'GET', '/Bulk', undefined, 404],
  ])('send %s and get an error of another kind than SCIM’s', async (_what, method, path, body, status, scimType) => {
    const answer = await ours.ask(method, path, body)

    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/scim+json'),
    ])
    if (status === 200) return
    expect(answer.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
    })
    expect(answer.body.scimType).toBe(scimType)
    expect(await w.test.query('select 1 from directory_users union all select 1 from directory_groups')).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'invalidSyntax'],
    ['no list', { Operations: {} }, 'invalidSyntax'],
    ['no operation', { Operations: [7] }, 'invalidSyntax'],
    ['another word', { Operations: [{ op: 'move', path: 'active', value: true }] }, 'invalidSyntax'],
    ['a thousand and one', { Operations: Array(1001).fill({ op: 'add', path: 'title', value: '' }) }, 'invalidSyntax'],
    ['a path that is none', { Operations: [{ op: 'replace', path: 'emails[', value: 'x' }] }, 'invalidPath'],
    ['a path that is no text', { Operations: [{ op: 'replace', path: {}, value: 'x' }] }, 'invalidPath'],
    [
      'a path with a bad filter',
      { Operations: [{ op: 'replace', path: 'emails[a b].value', value: 'x' }] },
      'invalidPath',
    ],
    ['a removal of nothing', { Operations: [{ op: 'remove' }] }, 'invalidPath'],
    ['a removal of the name', { Operations: [{ op: 'remove', path: 'userName' }] }, 'invalidValue'],
    ['a removal of being active', { Operations: [{ op: 'remove', path: 'active' }] }, 'invalidValue'],
    ['a value that is a text', { Operations: [{ op: 'replace', value: 'x' }] }, 'invalidSyntax'],
    [
      'a name that is taken',
      { Operations: [{ op: 'replace', path: 'userName', value: 'TWO@acme.example' }] },
      'uniqueness',
    ],
  ])('patch with %s', async (_what, body, scimType) => {
    const { body: user } = await add(ours, 'one@acme.example')
    await add(ours, 'two@acme.example')
    const answer = await ours.ask('PATCH', `/Users/${user.id}`, body)

    expect([answer.status, answer.body.scimType]).toEqual([scimType === 'uniqueness' ? 409 : 400, scimType])
    expect((await ours.ask('GET', `/Users/${user.id}`)).body).toEqual(user)
  })

  it('QT-03: change what all objects have', async () => {
    const { body: user } = await add(ours, 'one@acme.example')
    const body =
      '{"Operations":[{"op":"add","path":"__proto__.polluted","value":1},{"op":"add","value":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}]}'

    expect((await ours.ask('PATCH', `/Users/${user.id}`, body)).status).toBe(200)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('send more than it takes: a megabyte, deep JSON, another type, or too many members', async () => {
    const { status: huge } = await ours.ask('POST', '/Users', { userName: 'x', title: 'x'.repeat(1024 * 1024) })
    const { status: deep } = await ours.ask('POST', '/Users', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`)
    const { status: type } = await ours.ask('POST', '/Users', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    const { status: many } = await group(
      ours,
      Array.from({ length: 1001 }, () => ({ value: randomUUID() })),
    )

    expect([huge, deep, type, many]).toEqual([413, 400, 415, 400])
  })
})
