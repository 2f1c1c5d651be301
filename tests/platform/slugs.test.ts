import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nthSlug, slugOf } from '../../server/platform/slugs.js'

const taken = /^[a-z][a-z0-9-]{1,40}$/

describe('slugs', () => {
  it.each([
    ['Acme & Söhne GmbH', 'acme-sohne-gmbh'],
    ['  3 Musketeers ', 'musketeers'],
    ['東京', 'team'],
    ['X', 'team'],
    ["'; drop table teams; --", 'drop-table-teams'],
    ['a'.repeat(80), 'a'.repeat(36)],
    [`${'a'.repeat(35)}---b`, 'a'.repeat(35)],
  ])('calls %j %s in URLs', (name, slug) => {
    expect(slugOf(name, 'team')).toBe(slug)
  })

  it('does not hide a page behind a thing of the same name', () => {
    expect(slugOf('New', 'site', ['new', 'drafts'])).toBe('site')
    expect(slugOf('New shop', 'site', ['new', 'drafts'])).toBe('new-shop')
  })

  it('counts those of one name from the second on', () => {
    expect([1, 2, 11].map((number) => nthSlug('shop', number))).toEqual(['shop', 'shop-2', 'shop-11'])
  })

  it('RC-06: takes any name there is, up to the thousandth of it, for the table', () => {
    const name = fc.string({ unit: 'binary', maxLength: 60 })

    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 1000 }), (name, number) =>
        taken.test(nthSlug(slugOf(name, 'site'), number)),
      ),
    )
  })
})
