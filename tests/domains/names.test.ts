import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isApex, overlaps, parentOf, parseDomainName, proofName, unicodeOf } from '../../server/domains/names.js'
import { coversPanel } from '../../server/domains/rules.js'
import { hostileTexts, named } from '../support/hostile-texts.js'

describe('a domain name', () => {
  it.each([
    ['www.example.com', 'www.example.com'],
    [' WWW.Example.COM. ', 'www.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example.', 'xn--bcher-kva.example'],
    ['ｗｗｗ.example.com', 'www.example.com'],
    ['www。example。com', 'www.example.com'],
    ['*.Example.com', '*.example.com'],
    ['example.co.uk', 'example.co.uk'],
    ['shop.internal', 'shop.internal'],
  ])('RC-04: %j is %j', (typed, name) => {
    expect(parseDomainName(typed)).toBe(name)
    expect(parseDomainName(parseDomainName(typed))).toBe(name)
  })

  it.each([
    ['', /Give a name/],
    ['localhost', /whole name/],
    ['com', /whole name/],
    ['co.uk', /public suffix/],
    ['*.co.uk', /public suffix/],
    ['github.io', /public suffix/],
    ['127.0.0.1', /IP address/],
    ['127.1', /IP address/],
    ['0x7f.1', /IP address/],
    ['１２７.0.0.1', /IP address/],
    ['example.123', /not a domain name/],
    ['[::1]', /not a domain name/],
    ['https://example.com/', /without https/],
    ['example.com/path', /without a path/],
    ['example.com:443', /not a domain name/],
    ['ada@example.com', /name alone/],
    ['a..example.com', /not a domain name/],
    ['-a.example.com', /not a domain name/],
    ['a_b.example.com', /not a domain name/],
    ['ex%61mple.com', /not a domain name/],
    ['ex\u00ADample.com', /not a domain name/],
    ['ex\u202Eample.com', /not a domain name/],
    ['a.*.example.com', /first part/],
    ['*.*.example.com', /first part/],
    ['**.example.com', /first part/],
    ['*', /first part/],
    ['xn--a.example', /not a domain name/],
    [`${'a'.repeat(64)}.example.com`, /63 characters|not a domain name/],
    [`${'a.'.repeat(130)}com`, /253 characters|not a domain name/],
    ['edge-check.hostler.internal', /Hostler’s own/],
    ['*.hostler.internal', /Hostler’s own/],
  ])('refuses %j in words', (typed, why) => {
    expect(() => parseDomainName(typed)).toThrow(why)
  })

  it.each(named(hostileTexts))('CI-01: refuses %j, or makes a plain name of it', (_, text) => {
    try {
      expect(parseDomainName(text)).toMatch(/^(\*\.)?[a-z0-9.-]+$/)
    } catch (error) {
      expect(error).toMatchObject({ status: 422 })
    }
  })

  it('CI-01: never lets through more than letters, digits, dashes and dots', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.domain(), fc.webUrl()), (text) => {
        try {
          return /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(parseDomainName(text))
        } catch (error) {
          return (error as { status?: number }).status === 422
        }
      }),
    )
  })

  it('is shown as people read it', () => {
    expect(unicodeOf('xn--bcher-kva.example')).toBe('bücher.example')
    expect(unicodeOf('*.xn--bcher-kva.example')).toBe('*.bücher.example')
  })

  it('is proven below itself, a wildcard below what it is a wildcard of', () => {
    expect(proofName('www.example.com')).toBe('_hostler.www.example.com')
    expect(proofName('*.example.com')).toBe('_hostler.example.com')
  })

  it('is an apex when it was registered as such', () => {
    expect([isApex('example.co.uk'), isApex('www.example.co.uk'), isApex('ada.github.io')]).toEqual([true, false, true])
  })
})

describe('RC-04: two names', () => {
  it.each([
    ['www.example.com', 'www.example.com', true],
    ['*.example.com', 'www.example.com', true],
    ['*.example.com', '*.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', '*.b.example.com', false],
    ['www.example.com', 'api.example.com', false],
  ])('%s and %s', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected)
    expect(overlaps(other, one)).toBe(expected)
    if (expected) expect(parentOf(one)).toBe(parentOf(other))
  })

  it('never take the panel’s own away', () => {
    expect(coversPanel('panel.example.com', 'panel.example.com')).toBe(true)
    expect(coversPanel('*.example.com', 'panel.example.com')).toBe(true)
    expect(coversPanel('*.example.com', 'a.panel.example.com')).toBe(false)
    expect(coversPanel('www.example.com', 'panel.example.com')).toBe(false)
  })
})
