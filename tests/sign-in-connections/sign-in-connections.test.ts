import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { Secret } from '../../server/platform/secret.js'
import { addConnection, changeConnection } from '../../server/sign-in-connections/settings.js'
import {
  findConnection,
  listConnections,
  removeConnection,
} from '../../server/sign-in-connections/sign-in-connections.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import { connectTo, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('a sign-in connection', () => {
  let w: SignInWorld
  let forger: ForgingProvider
  const form = () => ({
    kind: 'oidc' as const,
    name: 'Okta',
    issuer: forger.issuer,
    clientId: 'hostler',
    clientSecret: 'canary-secret',
    defaultRole: '',
  })

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    forger = await startForger()
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  it('is made, changed and removed by an owner, each as one event that verifies', async () => {
    const id = await connectTo(w, forger)
    const ctx = await w.ctx('owner')
    await changeConnection(ctx, id, { name: 'Entra', clientSecret: new Secret('another'), defaultRole: 'viewer' })
    await changeConnection(ctx, id, { name: 'Entra', clientSecret: new Secret('another') })

    expect(await listConnections(ctx)).toMatchObject([
      { id, name: 'Entra', provider: forger.issuer, defaultRole: 'viewer' },
    ])
    await removeConnection(ctx, id)
    await expect(removeConnection(ctx, id)).rejects.toMatchObject({ status: 404 })
    const events = await w.test.query<{ type: string; data: unknown }>(
      `select type, data from events where team_id = $1 order by sequence`,
      [w.acme.id],
    )
    expect(events.map(({ type }) => type)).toEqual([
      'sign-in-connection.created',
      'sign-in-connection.changed',
      'sign-in-connection.removed',
    ])
    const print = expect.stringMatching(/^fingerprint \w{12}$/)
    expect(events[1]?.data).toMatchObject({
      settings: ['name', 'defaultRole', 'clientSecret'],
      before: { name: 'Okta', defaultRole: null, clientSecret: print },
      after: { name: 'Entra', defaultRole: 'viewer', clientSecret: print },
    })
    expect(JSON.stringify(events)).not.toContain('another')
    const verdict = await w.services.db.asOperator((db) => verifyChain(db, w.acme.id))
    expect(verdict).toEqual({ ok: true, events: 3 })
  })

  it('has the id that its page has shown, however that is spelled, and a secret that opens', async () => {
    const reserved = randomUUID()
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get(paths.signInConnections('acme'))
    const sent = await owner.post(paths.signInConnections('acme'), { ...form(), reserved: reserved.toUpperCase() })

    expect(sent.headers.get('location')).toBe(paths.signInConnection('acme', reserved))
    await changeConnection(await w.ctx('owner'), reserved, { clientSecret: new Secret('another') })
    const [told] = await w.test.query(`select data from events where type = 'sign-in-connection.changed'`)
    expect(told).toMatchObject({ data: { before: { clientSecret: expect.stringContaining('fingerprint') } } })
  })

  it('is changed also where its secret cannot be opened any more', async () => {
    const id = await connectTo(w, forger)
    await w.test.query(`update oidc_settings set client_secret_sealed = 'v1.none'`)
    await changeConnection(await w.ctx('owner'), id, { clientSecret: new Secret('another') })

    const [told] = await w.test.query(`select data from events where type = 'sign-in-connection.changed'`)
    expect(told).toMatchObject({ data: { before: { clientSecret: 'cannot be opened' } } })
  })

  it('is changed by one after the other: no two have one name, and each event tells of its own change', async () => {
    const [one, two] = [await connectTo(w, forger), await connectTo(w, forger, { name: 'Other' })]
    const ctx = await w.ctx('owner')
    const both = await Promise.allSettled([one, two].map((id) => changeConnection(ctx, id, { name: 'Entra' })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { field: 'name' } })

    await Promise.all([
      changeConnection(ctx, one, { defaultRole: 'viewer' }),
      changeConnection(ctx, one, { clientSecret: new Secret('another') }),
    ])
    const told = await w.test.query<{ data: { settings: string[] } }>(
      `select data from events where type = 'sign-in-connection.changed' order by sequence desc limit 2`,
    )
    expect(told.map(({ data }) => data.settings).sort()).toEqual([['clientSecret'], ['defaultRole']])
  })

  it('is nobody’s to see but of who manages sign-in, and not there for another team', async () => {
    const id = await connectTo(w, forger)

    for (const name of ['developer', 'viewer', 'billing'] as const)
      expect((await w.panel.browser(w.people[name].cookie).get(paths.signInConnections('acme'))).status).toBe(403)
    const stranger = await w.ctx('stranger')
    await expect(stranger.transaction((tx) => findConnection(tx, id))).rejects.toMatchObject({ status: 404 })
    await expect(changeConnection(stranger, id, { name: 'Mine' })).rejects.toMatchObject({ status: 404 })
    await expect(removeConnection(stranger, id)).rejects.toMatchObject({ status: 404 })
    const browser = w.panel.browser(w.people.stranger.cookie)
    await browser.get(paths.signInConnections('rival'))
    expect((await browser.post(paths.signInTrials('rival', id), {})).status).toBe(404)
    expect((await browser.post(paths.signInByLinks(id), {})).status).toBe(404)
  })

  it('says beside the field what is wrong, and keeps the rest', async () => {
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get(paths.signInConnections('acme'))
    const send = (changes: Record<string, string>) =>
      owner.post(paths.signInConnections('acme'), { ...form(), ...changes })

    for (const changes of [
      { name: '' },
      { issuer: 'nonsense' },
      { clientId: 'a b' },
      { clientSecret: '' },
      { defaultRole: 'owner' },
    ]) {
      const page = await send(changes)
      expect([changes, page.status]).toEqual([changes, 422])
      expect(page.text).toContain('field-error')
      expect(page.text).not.toContain('canary-secret')
    }
    expect((await send({})).status).toBe(303)
    expect((await send({})).status).toBe(422)
    expect(await listConnections(await w.ctx('owner'))).toHaveLength(1)
  })

  it('is not made of what is no provider, calls itself otherwise, or signs with nothing', async () => {
    const add = async () =>
      addConnection(await w.ctx('owner'), {
        ...form(),
        clientSecret: new Secret('x'),
        defaultRole: null,
        reserved: undefined,
      })
    const { metadata } = forger

    forger.metadata = { ...metadata, issuer: 'https://login.example/{tenantid}/v2.0' }
    await expect(add()).rejects.toMatchObject({ field: 'issuer' })
    forger.metadata = { ...metadata, jwks_uri: undefined }
    await expect(add()).rejects.toMatchObject({ field: 'issuer' })
    forger.sink.answer = (_req, res) => void res.writeHead(302, { location: 'http://10.0.0.1/' }).end()
    await expect(add()).rejects.toMatchObject({ field: 'issuer' })
    expect(await listConnections(await w.ctx('owner'))).toEqual([])
  })

  it.each([
    'http://10.0.0.1/',
    'https://192.168.1.1',
    'https://localhost',
    'http://169.254.169.254/latest',
    'https://[::1]',
    'file:///etc/passwd',
  ])('SO-05: does not look for a provider at %s', async (issuer) => {
    const ctx = await w.ctx('owner')
    const wanted = { ...form(), issuer, clientSecret: new Secret('x'), defaultRole: null, reserved: undefined }

    await expect(addConnection(ctx, wanted)).rejects.toMatchObject({ status: 422, field: 'issuer' })
  })

  it('SO-05: asks no address inside for keys or tokens that a provider names', async () => {
    const inside = await startForger()
    const outbound = createOutbound({ allowances: parseAllowances('http://127.0.0.1') })
    const id = await connectTo(w, forger)
    const { port } = new URL(inside.issuer)
    await w.test.query(`update oidc_settings set metadata = metadata || $2::jsonb where connection_id = $1`, [
      id,
      JSON.stringify({ jwks_uri: `http://[::1]:${port}/keys`, token_endpoint: `http://localhost:${port}/token` }),
    ])
    const browser = w.panel.browser()
    const { begin, comeBack, refusals } = await import('../support/sign-in-world.js')
    const there = await begin(browser, id)
    const back = new URLSearchParams({ code: 'one', iss: forger.issuer, state: there.searchParams.get('state') ?? '' })

    const page = await comeBack(browser, new URL(`${paths.signInByCallback(id)}?${back}`, 'http://localhost'))

    expect(page.status).toBe(502)
    expect(await refusals(w)).toEqual(['unreachable'])
    expect(inside.sink.connections).toBe(0)
    await inside.close()
    await outbound.close()
  })

  it('CS-09: leads nobody elsewhere with `next`', async () => {
    const id = await connectTo(w, forger)
    const browser = w.panel.browser()

    for (const next of ['//evil.example', '/\\evil.example', 'https:evil', 'javascript:alert(1)'])
      expect((await browser.get(`${paths.signInBy(id)}?next=${encodeURIComponent(next)}`)).text).not.toContain('evil')
    expect((await browser.get(paths.signInBy(randomUUID()))).status).toBe(404)
    expect((await browser.get(paths.signInBy('nonsense'))).status).toBe(404)
  })
})
