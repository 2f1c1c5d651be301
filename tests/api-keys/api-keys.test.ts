import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiKey, listApiKeys, NewApiKey, revokeApiKey } from '../../server/api-keys/api-keys.js'
import { keysPage } from '../../server/api-keys/pages.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { newId } from '../../server/platform/ids.js'
import { days } from '../support/clock.js'
import { type World, world } from '../support/people.js'

const wanted = NewApiKey.parse({ name: 'CI', role: 'developer', lifetime: '30' })

describe('API keys', () => {
  let w: World
  const ask = (key: string) => w.authorizer.identify({ url: '/', headers: { authorization: `Bearer ${key}` } } as never)
  const ctxOfKey = async () => {
    const who = await ask(w.people.owner.apiKey ?? '')
    if (who.kind === 'visitor' || who.kind === 'half') throw new Error('nobody')
    return w.authorizer.teamCtx(who, 'acme', 'api-key:manage-own')
  }

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('AK-03: are shown once and kept as a hash, with a prefix to know them by', async () => {
    const { key, prefix } = await createApiKey(await w.ctx('developer'), wanted)

    expect(key.reveal()).toMatch(/^hst_sk_[\w-]{43}$/)
    expect(key.reveal().startsWith(prefix)).toBe(true)
    expect(JSON.stringify(await listApiKeys(await w.ctx('developer')))).not.toContain(key.reveal())
    const everything = JSON.stringify([
      await w.test.query('select * from api_keys'),
      await w.test.query('select * from events'),
    ])
    expect(everything).not.toContain(key.reveal())
    await expect(ask(key.reveal())).resolves.toMatchObject({ kind: 'api-key', actor: { name: 'CI' } })
  })

  it('AK-03: end at their time, and one without an end does not', async () => {
    const short = await createApiKey(await w.ctx('owner'), wanted)
    const long = await createApiKey(await w.ctx('owner'), { ...wanted, lifetime: 'never' })
    w.clock.advance(days(30))

    await expect(ask(short.key.reveal())).rejects.toMatchObject({ status: 401 })
    await expect(ask(long.key.reveal())).resolves.toBeTruthy()
  })

  it('AK-03: end at once when they are revoked; revoking again finds none', async () => {
    const { id, key } = await createApiKey(await w.ctx('developer'), wanted)
    await revokeApiKey(await w.ctx('developer'), id)

    await expect(ask(key.reveal())).rejects.toMatchObject({ status: 401 })
    await expect(revokeApiKey(await w.ctx('developer'), id)).rejects.toMatchObject({ status: 404 })
    expect(await listApiKeys(await w.ctx('developer'))).toContainEqual(
      expect.objectContaining({ id, state: 'revoked' }),
    )
  })

  it('AK-02: cannot be given more than their maker may do', async () => {
    await expect(createApiKey(await w.ctx('developer'), { ...wanted, role: 'admin' })).rejects.toMatchObject({
      status: 422,
      field: 'role',
    })
    const offered = async (name: 'developer' | 'owner') =>
      (await keysPage(await w.ctx(name))).roles.map(({ value }) => value)
    expect(await offered('developer')).toEqual(['developer', 'billing', 'viewer', 'chosen'])
    expect(await offered('owner')).toContain('owner')
  })

  it('AK-02: cannot make keys', async () => {
    await expect(createApiKey(await ctxOfKey(), wanted)).rejects.toMatchObject({ status: 403 })
  })

  it('AZ-11: take no other fields than their own', () => {
    for (const extra of ['team_id', 'created_by', 'id', 'key_hash', 'expires_at', 'is_operator'])
      expect(NewApiKey.safeParse({ ...wanted, [extra]: newId() }).success).toBe(false)
  })

  it('are a developer’s own, while who manages the team sees and revokes all', async () => {
    const { id } = await createApiKey(await w.ctx('admin'), wanted)

    const creators = async (name: 'developer' | 'owner') =>
      new Set((await listApiKeys(await w.ctx(name))).map((key) => key.createdBy))
    expect(await creators('developer')).toEqual(new Set(['Developer']))
    expect((await creators('owner')).size).toBe(6)
    await expect(revokeApiKey(await w.ctx('developer'), id)).rejects.toMatchObject({ status: 404 })
    await expect(revokeApiKey(await w.ctx('owner'), id)).resolves.toBeUndefined()
  })

  it('AZ-02: of another team are not there', async () => {
    const { id } = await createApiKey(await w.ctx('owner'), wanted)

    await expect(revokeApiKey(await w.ctx('stranger'), id)).rejects.toMatchObject({ status: 404 })
    await expect(revokeApiKey(await w.ctx('stranger'), 'x')).rejects.toMatchObject({ status: 404 })
    expect((await listApiKeys(await w.ctx('stranger'))).map((key) => key.id)).not.toContain(id)
  })

  it('leave what happened in the team’s chain', async () => {
    const { id } = await createApiKey(await w.ctx('owner'), wanted)
    await revokeApiKey(await w.ctx('admin'), id)

    const events = await w.test.query('select type, actor_name, subject_id from events order by sequence')
    expect(events).toEqual([
      { type: 'api-key.created', actor_name: 'Owner', subject_id: id },
      { type: 'api-key.revoked', actor_name: 'Admin', subject_id: id },
    ])
    const chain = await w.services.db.inTeam(w.acme.id, (db) => verifyChain(db, w.acme.id))
    expect(chain).toEqual({ ok: true, events: 2 })
  })
})
