import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeRole } from '../../server/teams/members.js'
import { type Directory, type DirectoryWorld, directoryWorld } from '../support/directory-world.js'

describe('people whom a directory tells of', () => {
  let w: DirectoryWorld
  let directory: Directory
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    directory = await w.directory()
  })
  afterAll(() => w.close())

  const add = (userName: string, more = {}) => directory.ask('POST', '/Users', { userName, ...more })
  const say = (id: string, active: boolean) =>
    directory.ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', path: 'active', value: active }] })

  it('are made once of two who send the same at once', async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => add('ada@acme.example')),
      add('ADA@acme.example'),
    ])
    const [conflict] = answers.filter(({ status }) => status === 409)

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
    expect(conflict?.body).toMatchObject({ scimType: 'uniqueness', status: '409' })
    expect(await w.test.query(`select 1 from users where email = 'ada@acme.example'`)).toHaveLength(1)
  })

  it('are those of the team when their address is, and keep their role and their account', async () => {
    const { status, body } = await add('viewer@example.com')
    expect([status, body.active]).toEqual([201, true])
    expect((await w.members())['viewer@example.com']).toBe('viewer')

    await directory.ask('DELETE', `/Users/${body.id}`)
    expect(await w.members()).not.toHaveProperty('viewer@example.com')
    expect(await w.test.query(`select disabled_at from users where email = 'viewer@example.com'`)).toEqual([
      { disabled_at: null },
    ])
  })

  it('SO-02: are not taken into the team by an account that has not proven its address, as somebody else may wait in it', async () => {
    await w.test.query(
      `insert into users (id, email, name, password_hash, is_operator, created_at)
       values (uuidv7(), 'new@acme.example', 'Mallory', 'x', false, now())`,
    )
    const { status, body } = await add('new@acme.example')

    expect([status, body.detail]).toEqual([409, expect.stringContaining('has not proven that address')])
    expect(await w.members()).not.toHaveProperty('new@acme.example')
  })

  it('SO-02: do not come back by an address of the team when their account has another', async () => {
    const { body } = await add('viewer@example.com')
    await directory.ask('PATCH', `/Users/${body.id}`, { Operations: [{ op: 'replace', value: { active: false } }] })
    const again = await directory.ask('PATCH', `/Users/${body.id}`, {
      Operations: [{ op: 'replace', value: { active: true, emails: [{ value: 'x@acme.example', primary: true }] } }],
    })

    expect(again.status).toBe(400)
    expect(await w.members()).not.toHaveProperty('viewer@example.com')
  })

  it('SO-04: are out when the directory names them as not active from the start', async () => {
    expect((await add('viewer@example.com', { active: false })).status).toBe(201)

    expect(await w.members()).not.toHaveProperty('viewer@example.com')
  })

  it('SO-02: are not taken into the team by an address whose domain it has not proven', async () => {
    for (const userName of [
      'operator@example.com',
      'stranger@example.com',
      'nobody@mail.acme.example',
      'new@rival.example',
    ]) {
      const { status, body } = await add(userName)
      expect([status, body.scimType, body.detail]).toEqual([
        400,
        'invalidValue',
        expect.stringContaining('not known to be'),
      ])
    }
    expect(Object.keys(await w.members())).toHaveLength(6)
    expect(await w.test.query('select 1 from directory_users')).toEqual([])
  })

  it('may be kept without being in the team, and without an account', async () => {
    const { body } = await add('ada@acme.example', { active: false })

    expect(body.active).toBe(false)
    expect(await w.test.query(`select 1 from users where email = 'ada@acme.example'`)).toEqual([])
    expect((await say(body.id, true)).body.active).toBe(true)
    expect(await w.members()).toHaveProperty('ada@acme.example')
  })

  it('lose their keys in the team and nothing elsewhere', async () => {
    const { people, test, rival } = w
    await test.query(`insert into memberships (team_id, user_id, role, created_at) values ($1, $2, 'viewer', now())`, [
      rival.id,
      people.developer.id,
    ])
    const { body } = await add('developer@example.com')
    await say(body.id, false)

    const [key] = await test.query('select revoked_at from api_keys where created_by = $1', [people.developer.id])
    expect(key).not.toEqual({ revoked_at: null })
    expect(await test.query('select team_id from memberships where user_id = $1', [people.developer.id])).toEqual([
      { team_id: rival.id },
    ])
    expect((await fetch(`${w.panel.url}/teams/rival`, { headers: { cookie: people.developer.cookie } })).status).toBe(
      200,
    )
  })

  it.each(['active', 'DELETE'])('AZ-10: end what they have open at once, by %s', async (how) => {
    const { body } = await add('viewer@example.com')
    const response = await fetch(`${w.panel.url}/teams/acme/operations/${await operation()}/log/stream`, {
      headers: { cookie: w.people.viewer.cookie },
    })
    const reader = response.body?.getReader()
    await reader?.read()
    const from = performance.now()
    await (how === 'active' ? say(body.id, false) : directory.ask('DELETE', `/Users/${body.id}`))

    while ((await reader?.read())?.done === false);
    expect(performance.now() - from).toBeLessThan(5000)
  })

  it('are never the last owner that goes, and nothing of it is done', async () => {
    const { body } = await add('owner@example.com')
    for (const answer of [
      await say(body.id, false),
      await directory.ask('DELETE', `/Users/${body.id}`),
      await directory.ask('PUT', `/Users/${body.id}`, { userName: 'owner@example.com', active: false }),
    ])
      expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('A team keeps an owner')])
    expect((await directory.ask('GET', `/Users/${body.id}`)).body.active).toBe(true)

    await changeRole(await w.ctx('owner'), w.people.admin.id, 'owner')
    expect((await say(body.id, false)).status).toBe(200)
    expect(await w.members()).not.toHaveProperty('owner@example.com')
  })

  it('are not removed by a directory whose token was made by who may not remove them', async () => {
    const theirs = await w.directory('admin', 'Entra')
    await changeRole(await w.ctx('owner'), w.people.admin.id, 'owner')
    const { body } = await theirs.ask('POST', '/Users', { userName: 'owner@example.com' })

    const { status, body: said } = await theirs.ask('DELETE', `/Users/${body.id}`)
    expect([status, said.detail]).toEqual([409, expect.stringContaining('may do more here than you')])
    expect(await w.members()).toHaveProperty('owner@example.com')
  })

  it('neither come nor go by a directory whose token was made by who may do neither', async () => {
    const { body } = await add('viewer@example.com')
    await w.test.query(`update directory_tokens set role = null, permissions = '{sign-in:manage}'`)

    const [come, go] = [await add('ada@acme.example'), await say(body.id, false)]
    expect([come.status, come.body.detail]).toEqual([403, expect.stringContaining('“Invite people”')])
    expect([go.status, go.body.detail]).toEqual([403, expect.stringContaining('“Remove people from the team”')])
    expect(Object.keys(await w.members())).toHaveLength(6)
  })

  it('come back by another name as nobody else, and two are not one account', async () => {
    await add('ada@acme.example')
    const second = await add('ada.two', { emails: [{ value: 'Ada@acme.example' }] })

    expect([second.status, second.body.scimType]).toEqual([409, 'uniqueness'])
  })

  it('are listed by pages that stay as they are', async () => {
    for (let one = 0; one < 5; one++) await add(`person-${one}@acme.example`, { active: false })
    const page = async (query: string) => {
      const { body } = await directory.ask('GET', `/Users?${query}`)
      const names = body.Resources.map(({ userName }: { userName: string }) => userName.slice(0, 8))
      return [body.totalResults, body.startIndex, body.itemsPerPage, names]
    }

    expect(await page('startIndex=2&count=2')).toEqual([5, 2, 2, ['person-1', 'person-2']])
    expect(await page('startIndex=0&count=1')).toEqual([5, 1, 1, ['person-0']])
    expect(await page('count=0')).toEqual([5, 1, 0, []])
    expect(await page('count=-1')).toEqual([5, 1, 0, []])
    expect(await page('startIndex=9')).toEqual([5, 9, 0, []])
    expect((await page('count=100000'))[2]).toBe(5)
  })

  it('write each change down, with the directory as who did it', async () => {
    const { body } = await add('ada@acme.example')
    await say(body.id, false)
    await directory.ask('DELETE', `/Users/${body.id}`)

    const rows = await w.test.query<{ type: string; actor_kind: string; actor_name: string; address: string | null }>(
      `select type, actor_kind, actor_name, address from events where team_id = $1 and actor_kind = 'directory' order by sequence`,
      [w.acme.id],
    )
    expect(rows.map(({ type }) => type)).toEqual([
      'directory.used',
      'directory.person-added',
      'directory.person-joined',
      'member.removed',
      'directory.person-changed',
      'directory.person-removed',
    ])
    expect(rows[1]).toMatchObject({ actor_name: 'Okta', address: '127.0.0.1' })
    const browser = w.panel.browser(w.people.owner.cookie)
    expect((await browser.get('/teams/acme/activity')).text).toContain('Okta (directory)')
  })

  async function operation(): Promise<string> {
    const [made] = await w.test.query<{ id: string }>(
      `insert into operations (id, team_id, kind, subject, title, input, status, requested_by, created_at, heartbeat_at)
       values (uuidv7(), $1, 'deploy', 'site:none', 'Deploy', '{}', 'running', 'Ada', now(), now()) returning id`,
      [w.acme.id],
    )
    return made?.id ?? ''
  }
})
