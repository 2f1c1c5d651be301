import { describe, expect, it } from 'vitest'
import {
  type Access,
  accessOf,
  decide,
  type Holding,
  holdsSomewhere,
  seenOf,
  wholeTeam,
  within,
} from '../../../server/platform/access/access.js'
import { allPermissions, canBeHeldOn, isOfOnesOwn, permissions } from '../../../server/platform/access/permissions.js'
import { permissionsOf, roleNames } from '../../../server/platform/access/roles.js'
import { routes } from '../../../server/routes.js'

const shop = '018f0000-0000-7000-8000-0000000000a1'
const blog = '018f0000-0000-7000-8000-0000000000a2'
const web = '018f0000-0000-7000-8000-0000000000b1'

const onShop: Holding = { role: 'developer', permissions: null, on: { kind: 'site', id: shop } }
const onWeb: Holding = { role: 'developer', permissions: null, on: { kind: 'server', id: web } }

/** As the database answers: the server has the shop on it. */
const reached = ({ on }: Holding) =>
  on?.id === web
    ? [
        { kind: 'server' as const, id: web },
        { kind: 'site' as const, id: shop },
      ]
    : [{ kind: 'site' as const, id: on?.id ?? '' }]
const access = (...holdings: Holding[]): Access => accessOf(holdings, reached)
const site = (id: string | null) => ({ kind: 'site', id }) as const

describe('permissions', () => {
  it('are at least 45, each of them asked by a route', () => {
    const asked = new Set<string>(routes.map(({ options }) => options.can))

    expect(allPermissions.length).toBeGreaterThanOrEqual(45)
    expect(allPermissions.filter((permission) => !asked.has(permission))).toEqual(notYetAsked)
  })

  it('that can be held on a site are asked only at addresses that name what they are about, or to look at a list', () => {
    const loose = routes.filter(
      ({ options: { can }, method, path }) =>
        can in permissions &&
        permissions[can as keyof typeof permissions].on !== 'team' &&
        !isOfOnesOwn(can as keyof typeof permissions) &&
        method !== 'get' &&
        !/:(site|server|operation)\b/.test(path),
    )

    expect(loose.map(({ path }) => path)).toEqual([])
  })
})

/** Without a page of their own: they widen what another one shows. */
const notYetAsked = ['api-key:manage']

describe('a role on one site', () => {
  it('allows there what means something on a site, and nothing in the team but to be in it', () => {
    const { everywhere, on } = access(onShop)

    expect([...everywhere]).toEqual(['team:read'])
    expect([...(on.get(shop) ?? [])]).toEqual(
      [...permissionsOf.developer].filter((permission) => canBeHeldOn(permission, 'site')),
    )
    expect(on.get(shop)?.has('server:read')).toBe(false)
  })

  it('opens its pages, answers another site as one that is not there, and refuses what it lacks', () => {
    const client = access(onShop)

    expect(decide(client, 'deploy:create', site(shop))).toBe('yes')
    expect(decide(client, 'site:delete', site(shop))).toBe('no')
    expect(decide(client, 'deploy:create', site(blog))).toBe('unseen')
    expect(decide(client, 'deploy:create', site(null))).toBe('unseen')
    expect(decide(client, 'server:read', { kind: 'server', id: web })).toBe('unseen')
  })

  it('opens lists, and no act that names no site', () => {
    const client = access(onShop)

    expect(decide(client, 'site:read', { kind: 'list' })).toBe('yes')
    expect(decide(client, 'server:read', { kind: 'list' })).toBe('no')
    expect(decide(client, 'site:read', { kind: 'team' })).toBe('no')
    expect(decide(client, 'member:read', { kind: 'list' })).toBe('no')
  })

  it('beside a role on the whole team adds to it, and hides nothing', () => {
    const both = access(wholeTeam('viewer'), onShop)

    expect(seenOf(both)).toBeNull()
    expect(decide(both, 'deploy:create', site(shop))).toBe('yes')
    expect(decide(both, 'deploy:create', site(blog))).toBe('no')
  })
})

describe('what a list shows', () => {
  const looking = { role: null, permissions: ['site:read'], on: { kind: 'site', id: blog } } as const

  it('is where its own right is held', () => {
    const mixed = access(onShop, looking)

    expect(seenOf(mixed)).toMatchObject({ sites: [shop, blog] })
    expect(seenOf(mixed, 'operation:read')).toMatchObject({ sites: [shop] })
    expect(seenOf(mixed, 'audit:read')).toMatchObject({ sites: [], servers: [] })
  })

  it('is of the things that one reads, also where its own right is held in the whole team', () => {
    const own = { role: null, permissions: ['site:read', 'event:read'], on: null } as const

    expect(seenOf(access(own), 'event:read')).toEqual({ sites: 'all', servers: [], eventsOfTeam: true })
    expect(seenOf(access(wholeTeam('viewer')), 'event:read')).toBeNull()
    expect(seenOf(access(wholeTeam('viewer')), 'environment:read')).toMatchObject({ sites: [], servers: [] })
  })
})

describe('what is one’s own', () => {
  it('is opened by whoever holds it on any part, and nothing else of the team is', () => {
    const client = access({ ...onShop, role: null, permissions: ['site:read', 'api-key:manage-own'] })

    expect(decide(client, 'api-key:manage-own', { kind: 'team' })).toBe('yes')
    expect(decide(client, 'api-key:manage', { kind: 'team' })).toBe('no')
    expect(decide(access(onShop), 'member:invite', { kind: 'team' })).toBe('no')
    expect(decide(access(wholeTeam('viewer')), 'api-key:manage-own', { kind: 'team' })).toBe('no')
  })
})

describe('a role on a server', () => {
  it('is one on the server and on the sites that are on it', () => {
    const helper = access(onWeb)

    expect(decide(helper, 'server:read', { kind: 'server', id: web })).toBe('yes')
    expect(decide(helper, 'deploy:create', site(shop))).toBe('yes')
    expect(decide(helper, 'site:read', site(blog))).toBe('unseen')
    expect(seenOf(helper)).toEqual({ sites: [web, shop], servers: [web, shop], eventsOfTeam: false })
  })
})

describe('a key', () => {
  it('AK-02: may do what both it and its maker may, wherever each of them may', () => {
    const byClient = within(access(wholeTeam('owner')), access(onShop))
    const byViewer = within(access(wholeTeam('developer')), access(wholeTeam('viewer')))

    expect(decide(byClient, 'deploy:create', site(shop))).toBe('yes')
    expect(decide(byClient, 'deploy:create', site(blog))).toBe('unseen')
    expect(decide(byClient, 'server:create', { kind: 'team' })).toBe('no')
    expect(decide(byViewer, 'deploy:create', site(shop))).toBe('no')
    expect(decide(byViewer, 'site:read', { kind: 'list' })).toBe('yes')
  })
})

describe('a menu', () => {
  it('offers what is held anywhere, without looking anything up', () => {
    expect(holdsSomewhere([onShop], 'site:read')).toBe(true)
    expect(holdsSomewhere([onShop], 'server:read')).toBe(false)
    expect(holdsSomewhere([onWeb], 'server:read')).toBe(true)
    expect(holdsSomewhere([], 'site:read')).toBe(false)
    for (const role of roleNames)
      for (const permission of allPermissions)
        expect(holdsSomewhere([wholeTeam(role)], permission)).toBe(permissionsOf[role].has(permission))
  })
})
