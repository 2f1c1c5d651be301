import { describe, expect, it } from 'vitest'
import { compareDigests } from '../../server/deploys/changes.js'
import { placeOf } from '../../server/deploys/places.js'
import { deployCan, statusOf } from '../../server/deploys/rules.js'

const site = { state: 'active', state_reason: null, delete_requested_at: null } as const
const deploy = { status: 'succeeded', folded_into: null, rolled_back_at: null, release_id: 'r' } as const

describe('the rules of deploys', () => {
  it.each([
    ['active', true],
    ['inactive', true],
    ['suspended', false],
    ['deactivated', false],
    ['archived', false],
  ] as const)('lets a site that is %s be deployed: %s', (state, ok) => {
    expect(deployCan.deploy({ ...site, state }).ok).toBe(ok)
  })

  it('deploys nothing of a site that is being deleted', () => {
    expect(deployCan.deploy({ ...site, delete_requested_at: new Date() })).toEqual({
      ok: false,
      why: 'The site is being deleted',
    })
  })

  it('goes back only to a release that is kept and not live', () => {
    const to = (state: string, id = 'a') => deployCan.rollBackTo({ live_release_id: 'live' }, { id, state })

    expect(to('kept')).toEqual({ ok: true })
    expect(to('live', 'live')).toEqual({ ok: false, why: 'This release is live' })
    expect(to('pruned')).toMatchObject({ why: expect.stringContaining('no longer kept') })
    expect(to('failed')).toMatchObject({ ok: false })
  })

  it('calls a deploy live only while its release is', () => {
    expect(statusOf(deploy, 'r')).toBe('live')
    expect(statusOf(deploy, 'other')).toBe('replaced')
    expect(statusOf({ ...deploy, status: 'failed', rolled_back_at: new Date() }, 'r')).toBe('rolled back')
    expect(statusOf({ ...deploy, status: 'cancelled', folded_into: 'newer' }, 'r')).toBe('folded')
    expect(statusOf({ ...deploy, release_id: null }, null)).toBe('replaced')
  })

  it('says which keys of the environment changed, and never a value', () => {
    const before = { A: '1', B: '1', __proto__: 'x' }
    const after = { A: '1', B: '2', C: '1' }

    expect(compareDigests(before, after)).toEqual([
      { key: 'B', change: 'changed' },
      { key: 'C', change: 'added' },
    ])
  })

  it('RC-06: gives each site a user and a folder of its own, from the random part of its id', () => {
    const one = placeOf({ id: '0190c3f2-a1b4-7000-8000-0123456789ab', slug: 'shop' }, '/var/lib/hostler')

    expect(one).toEqual({
      siteId: '0190c3f2-a1b4-7000-8000-0123456789ab',
      slug: 'shop',
      user: 'hs-0123456789ab',
      folder: '/var/lib/hostler/sites/0190c3f2-a1b4-7000-8000-0123456789ab',
    })
  })
})
