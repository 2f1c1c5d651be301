import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { knowDirectories } from '../../server/directories/knowing.js'
import { suspendTeam } from '../../server/operator/operator.js'
import { paths } from '../../server/paths.js'
import { days } from '../support/clock.js'
import { type Directory, type DirectoryWorld, directoryWorld, speaking } from '../support/directory-world.js'
import { type Browser, startTestPanel } from '../support/panel.js'

describe('the token of a directory', () => {
  let w: DirectoryWorld
  let directory: Directory
  let browser: Browser
  let at: string
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    directory = await w.directory()
    browser = w.panel.browser(w.people.owner.cookie)
    at = paths.directory('acme', directory.id)
    await browser.get(at)
  })
  afterAll(() => w.close())

  const isGood = async (token: string) => (await speaking(w, directory.id, token).ask('GET', '/Users')).status === 200
  const tokenIn = (text: string) => /hst_scim_[\w-]{43}/.exec(text)?.[0] ?? ''
  const make = () => browser.post(paths.directoryTokens('acme', directory.id), { lifetime: '90' })
  const idOf = async (token: string) => {
    const [row] = await w.test.query<{ id: string }>('select id from directory_tokens where prefix = $1', [
      token.slice(0, 15),
    ])
    return row?.id ?? ''
  }

  it('AK-03: is made on the page of the connection, shown once and kept as a hash', async () => {
    const made = await make()
    const token = tokenIn(made.text)

    expect([made.status, await isGood(token)]).toEqual([201, true])
    expect((await browser.get(at)).text).not.toContain(token)
    expect((await browser.get(at)).text).toContain(token.slice(0, 15))
    const rows = JSON.stringify(
      await w.test.query('select * from directory_tokens union all select * from directory_tokens'),
    )
    expect(rows).not.toContain(token)
    expect(JSON.stringify(await w.test.query('select data from events'))).not.toContain(token)
  })

  it('RL-02: opens its directory under the one spelling of its address, by which it is counted', async () => {
    const { status } = await speaking(w, directory.id.toUpperCase(), directory.token).ask('GET', '/Users')

    expect([status, await isGood(directory.token)]).toEqual([401, true])
  })

  it('AK-03: ends by its time, and by being revoked, from the next request on', async () => {
    const first = tokenIn((await make()).text)
    await w.test.query('update directory_tokens set expires_at = now() where prefix = $1', [
      directory.token.slice(0, 15),
    ])
    expect([await isGood(directory.token), await isGood(first)]).toEqual([false, true])

    await browser.post(paths.directoryToken('acme', directory.id, await idOf(first)), { _method: 'delete' })
    expect(await isGood(first)).toBe(false)
    expect((await browser.get(at)).text).toContain('Revoked')
  })

  it('AK-03: is shown for as long as it is good, however many newer ones are over', async () => {
    await w.test.query(
      `insert into directory_tokens (id, connection_id, team_id, prefix, token_hash, permissions, created_by, created_at, expires_at, revoked_at)
       select uuidv7(), connection_id, team_id, 'over-' || n, sha256(n::text::bytea), permissions, created_by, created_at, expires_at, now()
       from directory_tokens, generate_series(1, 30) n where connection_id = $1`,
      [directory.id],
    )

    const { text } = await browser.get(at)
    expect(text).toContain(directory.token.slice(0, 15))
    expect(text.match(/over-\d+/g)).toHaveLength(20)
  })

  it('is rotated with an overlap, once', async () => {
    const rotate = async (token: string, overlap: string) =>
      browser.post(paths.directoryTokenRotations('acme', directory.id, await idOf(token)), { overlap })
    const made = await rotate(directory.token, '24')
    const second = tokenIn(made.text)
    expect([made.status, await isGood(directory.token), await isGood(second)]).toEqual([201, true, true])
    expect((await rotate(directory.token, '24')).status).toBe(409)

    const third = tokenIn((await rotate(second, '0')).text)
    expect([await isGood(second), await isGood(third)]).toEqual([false, true])
    const [row] = await w.test.query<{ left: number }>(
      `select extract(epoch from expires_at - created_at)::int as left from directory_tokens where prefix = $1`,
      [third.slice(0, 15)],
    )
    expect(row?.left).toBe(days(365) / 1000)
  })

  it('says when it was used last, and the first use of a day is an event', async () => {
    await directory.ask('GET', '/Users')
    await directory.ask('GET', '/Users')

    expect((await w.eventTypes()).filter((type) => type === 'directory.used')).toHaveLength(1)
    expect(await w.test.query('select 1 from directory_tokens where last_used_at is not null')).toHaveLength(1)
  })

  it('ends with the connection, and what the directory told with it', async () => {
    const { body } = await directory.ask('POST', '/Users', { userName: 'ada@acme.example' })
    const group = { displayName: 'Builders', members: [{ value: body.id }] }
    const { body: builders } = await directory.ask('POST', '/Groups', group)
    const wanted = { group: builders.id, role: 'developer', on: 'team', thing: '' }
    await browser.post(paths.directoryRoles('acme', directory.id), wanted)
    await browser.post(paths.signInConnection('acme', directory.id), { _method: 'delete' })

    expect(await isGood(directory.token)).toBe(false)
    expect(await w.test.query('select 1 from directory_users union all select 1 from directory_groups')).toEqual([])
    expect(await w.members()).toHaveProperty('ada@acme.example', 'viewer')
    expect((await w.eventTypes()).slice(-2)).toEqual(['sign-in-connection.removed', 'role.taken'])
  })

  it('AK-06: opens nothing of a team that is closed', async () => {
    await suspendTeam(await w.personCtx('operator'), w.acme.id, 'Abuse')

    expect((await directory.ask('GET', '/Users')).status).toBe(403)
  })

  it('RL-07: is stopped when it asks too often, and told for how long; others are not', async () => {
    const second = await w.directory('owner', 'Entra')
    const limited = { ...w.authorizer, directoryCtx: knowDirectories(w.services, 3) }
    const panel = await startTestPanel({ services: w.services, authorizer: limited })
    const ask = ({ id, token }: Directory) =>
      fetch(`${panel.url}${paths.scim(id)}/Users`, { headers: { authorization: `Bearer ${token}` } })
    const answers: Response[] = []
    for (let one = 0; one < 4; one++) answers.push(await ask(directory))

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers[3]?.headers.get('retry-after')).toBe('60')
    expect((await ask(second)).status).toBe(200)
    await panel.close()
  })

  it('is not shown, made or revoked by who does not manage sign-in', async () => {
    const others = w.panel.browser(w.people.developer.cookie)
    expect((await others.get(at)).status).toBe(403)
    await others.get('/teams/acme')
    const made = await others.post(paths.directoryTokens('acme', directory.id), { lifetime: '90' })
    expect(made.status).toBe(403)
    const foreign = w.panel.browser(w.people.stranger.cookie)
    expect((await foreign.get(paths.directory('rival', directory.id))).status).toBe(404)
  })

  it('stands on a page that gives a group a role, and takes it', async () => {
    const { body } = await directory.ask('POST', '/Groups', { displayName: 'Builders' })
    const given = await browser.post(paths.directoryRoles('acme', directory.id), {
      group: body.id,
      role: 'viewer',
      on: 'team',
      thing: '',
    })
    expect([given.status, given.headers.get('location')]).toEqual([303, at])
    const page = await browser.get(at)
    expect(page.text).toContain('Take Viewer from Builders?')
    const [mapping] = await w.test.query<{ id: string }>('select id from directory_roles')
    await browser.post(paths.directoryRole('acme', directory.id, mapping?.id ?? ''), { _method: 'delete' })
    expect(await w.test.query('select 1 from directory_roles')).toEqual([])

    const wrong = await browser.post(paths.directoryRoles('acme', directory.id), {
      group: body.id,
      role: 'owner',
      on: 'team',
      thing: '',
    })
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('Nobody owns a team by a group')])
  })
})
