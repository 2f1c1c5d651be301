import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../server/platform/secret.js'
import { changeConnection } from '../../server/sign-in-connections/settings.js'
import { showConnection } from '../../server/sign-in-connections/sign-in-connections.js'
import { startForger } from '../support/forging-provider.js'
import type { Name } from '../support/people.js'
import { metadataOf, type SamlKey, samlKey } from '../support/saml-provider.js'
import { connectBySaml, connectTo, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('changing the provider of people who may do more', () => {
  let w: SignInWorld
  let key: SamlKey
  let own: SamlKey
  let id: string

  beforeAll(async () => {
    w = await signInWorld()
    ;[key, own] = [samlKey(), samlKey()]
  })
  beforeEach(async () => {
    await w.reset()
    id = await connectBySaml(w, metadataOf(key))
  })
  afterAll(() => w.close())

  const change = async (name: Name, wanted: Parameters<typeof changeConnection>[2]) =>
    changeConnection(await w.ctx(name), id, wanted)
  const certificates = async () => (await showConnection(await w.ctx('owner'), id)).saml?.certificates.length

  it('SO-02: an admin is no owner by the certificate or the address of a provider that the owner signs in by', async () => {
    await w.know(id, 'grace', 'owner')
    const refused = { status: 403, message: expect.stringContaining('may do more here than you') }

    await expect(change('admin', { metadata: metadataOf(own) })).rejects.toMatchObject(refused)
    await expect(change('admin', { metadata: metadataOf(key, own) })).rejects.toMatchObject(refused)
    const elsewhere = metadataOf(key).replace('https://idp.example.com/sso', 'https://evil.example.com/sso')
    await expect(change('admin', { metadata: elsewhere })).rejects.toMatchObject(refused)
    expect(await certificates()).toBe(1)

    await change('admin', { name: 'Okta', metadata: metadataOf(key) })
    await change('owner', { metadata: metadataOf(key, own) })
    expect(await certificates()).toBe(2)
  })

  it('SO-02: nor by the client at a provider of many', async () => {
    const forger = await startForger()
    id = await connectTo(w, forger)
    await w.know(id, 'grace', 'owner')

    await expect(change('admin', { clientId: 'mine' })).rejects.toMatchObject({ status: 403 })
    await change('admin', { clientSecret: new Secret('renewed') })
    await change('owner', { clientId: 'ours' })
    await forger.close()
  })

  it('is for an admin where nobody who signs in by it may do more', async () => {
    for (const name of ['admin', 'developer', 'viewer', 'billing'] as const) await w.know(id, name, name)

    await change('admin', { metadata: metadataOf(own, key) })
    expect(await certificates()).toBe(2)
  })

  it('asks of every role that they hold, of newcomers, and of whom the directory will let in', async () => {
    const role = randomUUID()
    await w.test.query(
      `insert into roles (id, team_id, name, permissions, created_at) values ($1, $2, 'Keeper', '{sign-in:manage}', now())`,
      [role, w.acme.id],
    )
    await w.test.query(
      `insert into role_grants (id, team_id, user_id, role_id, granted_by, created_at) values ($1, $2, $3, $4, 'Owner', now())`,
      [randomUUID(), w.acme.id, w.people.viewer.id, role],
    )
    const renewed = { metadata: metadataOf(own) }

    await change('owner', { defaultRole: 'developer' })
    await expect(change('viewer', renewed)).rejects.toMatchObject({ field: 'defaultRole' })
    await change('owner', { defaultRole: null })
    await w.test.query(
      `insert into directory_users (id, team_id, connection_id, user_id, user_name, email, is_active, created_at, changed_at)
       values ($1, $2, $3, $4, 'dev', 'dev@example.com', true, now(), now())`,
      [randomUUID(), w.acme.id, id, w.people.developer.id],
    )
    await expect(change('viewer', renewed)).rejects.toMatchObject({ status: 403 })
    await w.test.query('delete from directory_users')
    await change('viewer', renewed)
  })
})
