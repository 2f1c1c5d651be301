import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeToken } from '../../server/directories/tokens.js'
import { paths } from '../../server/paths.js'
import { giveRole } from '../../server/roles/grants.js'
import { type Directory, type DirectoryWorld, directoryWorld, speaking } from '../support/directory-world.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import { makeServer, makeSite } from '../support/make.js'
import { begin, comeBack, connectTo, refusals } from '../support/sign-in-world.js'

describe('who signs in by the connection of a directory', () => {
  let w: DirectoryWorld
  let forger: ForgingProvider
  let directory: Directory
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    forger = await startForger()
    const id = await connectTo(w, forger, { defaultRole: 'developer' })
    directory = speaking(w, id, (await makeToken(await w.ctx('owner'), id, '365')).token.reveal())
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  const ada = { userName: 'ada@acme.example', displayName: 'Ada', externalId: '00u-ada' }
  const claims = { sub: '00u-ada', email: 'ada@acme.example', email_verified: true, name: 'Ada' }
  async function signIn(said: Record<string, unknown> = claims) {
    const browser = w.panel.browser()
    const there = await begin(browser, directory.id)
    forger.token = () => forger.sign({ nonce: there.searchParams.get('nonce'), ...said })
    const back = { code: 'one', iss: forger.issuer, state: there.searchParams.get('state') ?? '' }
    const url = new URL(`${paths.signInByCallback(directory.id)}?${new URLSearchParams(back)}`, 'http://localhost')
    return (await comeBack(browser, url)).status
  }
  const say = (id: string, active: boolean) =>
    directory.ask('PATCH', `/Users/${id}`, { Operations: [{ op: 'Replace', path: 'active', value: String(active) }] })
  const add = async (more = {}) => (await directory.ask('POST', '/Users', { ...ada, ...more })).body
  const linked = () => w.test.query('select subject, made_account from identities')

  it('finds the account that the directory has made, by what both call the person', async () => {
    await add()

    expect(await signIn({ ...claims, email: 'ada@elsewhere.example' })).toBe(303)
    expect(await linked()).toEqual([{ subject: '00u-ada', made_account: true }])
    expect(await signIn()).toBe(303)
  })

  it('finds it by a verified address of the team, and gives it to nobody who gets the address later', async () => {
    await add({ externalId: 'something else' })

    expect(await signIn({ ...claims, email_verified: false })).toBe(403)
    expect(await signIn()).toBe(303)
    expect(await signIn({ ...claims, sub: 'another' })).toBe(403)
    expect(await refusals(w)).toEqual(['account-exists', 'account-exists'])
  })

  it('SO-02: opens no account that was there before, whatever the directory says of its address', async () => {
    await w.test.query(`update users set email = 'owner@acme.example' where id = $1`, [w.people.owner.id])
    await add({ userName: 'owner@acme.example', externalId: '00u-owner' })

    expect(await signIn({ ...claims, sub: '00u-owner', email: 'owner@acme.example' })).toBe(403)
    expect([await refusals(w), await linked()]).toEqual([['account-exists'], []])
  })

  it('SO-02: opens no account that people here have given more than the directory gives', async () => {
    await add()
    const more = (role: string | null) =>
      w.test.query(
        `update memberships set role = $1 where user_id = (select id from users where email = 'ada@acme.example')`,
        [role],
      )
    await more('admin')
    expect([await signIn(), await refusals(w), await linked()]).toEqual([403, ['given-more'], []])

    await more(null)
    const owner = await w.ctx('owner')
    const [user] = await w.test.query<{ id: string }>(`select id from users where email = 'ada@acme.example'`)
    const site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme)
    await giveRole(owner, user?.id ?? '', { role: 'viewer', on: 'site', thing: site.slug })
    expect(await signIn()).toBe(403)
    await w.test.query('delete from role_grants')
    await more('developer')
    await w.test.query(`update sign_in_connections set default_role = 'viewer'`)
    expect(await signIn(), 'as the directory gave it').toBe(303)
  })

  it('SO-04: stays out once deactivated, until the directory says that they are active', async () => {
    const { id } = await add()
    await signIn()
    await say(id, false)

    expect([await signIn(), await signIn({ ...claims, sub: 'another' })]).toEqual([403, 403])
    await say(id, true)
    expect(await signIn()).toBe(303)
  })

  it('SO-04: stays out once deleted, also when they never signed in before, until they are made again', async () => {
    const { id } = await add()
    await directory.ask('DELETE', `/Users/${id}`)

    expect([await signIn(), await refusals(w)]).toEqual([403, ['not-a-member']])
    await add()
    expect(await signIn()).toBe(303)
  })

  it('SO-04: does not come in as a newcomer whom the directory tells of as inactive', async () => {
    await add({ active: false })

    expect(await signIn()).toBe(403)
    expect(await w.test.query(`select 1 from users where email = 'ada@acme.example'`)).toEqual([])
  })

  it('SO-04: stays out by this sign-in also when somebody lets them in again by hand', async () => {
    const { id } = await add()
    await signIn()
    await say(id, false)
    await w.test.query(
      `insert into memberships (team_id, user_id, role, created_at)
       select $1, id, 'viewer', now() from users where email = 'ada@acme.example'`,
      [w.acme.id],
    )

    expect([await signIn(), await refusals(w)]).toEqual([403, ['not-a-member']])
    await say(id, true)
    expect(await signIn()).toBe(303)
  })

  it('SO-04: stays out when they are suspended, whatever the directory says', async () => {
    const { id } = await add()
    await say(id, false)
    await w.test.query(`update users set disabled_at = now() where email = 'ada@acme.example'`)

    expect((await say(id, true)).status).toBe(409)
    expect(await signIn()).toBe(403)
  })

  it('stays out when they were removed by hand, until the directory turns them off and on', async () => {
    const { id } = await add()
    await signIn()
    await w.test.query(
      `delete from memberships where user_id = (select id from users where email = 'ada@acme.example')`,
    )

    expect((await directory.ask('PUT', `/Users/${id}`, { ...ada, displayName: 'Countess' })).body.active).toBe(false)
    expect(await signIn()).toBe(403)
    await say(id, false)
    await say(id, true)
    expect(await signIn()).toBe(303)
  })
})
