import { describe, expect, it } from 'vitest'
import { dueWarning, explain, lastFailure, nextLook } from '../../server/domains/certificates/rules.js'

const now = new Date('2026-05-04T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 24 * 3600_000)

describe('R38: the end of a certificate', () => {
  it.each([
    [22, null, null],
    [21, null, 21],
    [20, 21, null],
    [7, 21, 7],
    [5, 7, null],
    [1, 7, 1],
    [0.5, 1, null],
    [-1, 1, null],
    [0.5, null, 1],
  ])('%d days before, with %s told: %s', (left, toldDays, expected) => {
    expect(dueWarning({ beginsAt: inDays(left - 90), endsAt: inDays(left), toldDays }, now)).toBe(expected)
  })

  it('is no news all the time for one that lives for days only', () => {
    const ofSixDays = (left: number) =>
      dueWarning({ beginsAt: inDays(left - 6), endsAt: inDays(left), toldDays: null }, now)

    expect([ofSixDays(6), ofSixDays(3), ofSixDays(1)]).toEqual([null, null, 1])
  })

  it('is looked at often while there is none, or while it is near', () => {
    const waitMs = (endsAt: Date | null, isAway = false) => nextLook({ endsAt, isAway }, now).getTime() - now.getTime()
    expect(waitMs(null)).toBe(60_000)
    expect(waitMs(inDays(0.5))).toBe(60_000)
    expect(waitMs(inDays(60))).toBe(3_600_000)
    expect(waitMs(null, true)).toBe(600_000)
  })
})

describe('what Caddy writes about certificates', () => {
  const line = (ts: Date, identifier: string, error: string) =>
    JSON.stringify({ level: 'error', ts: ts.getTime() / 1000, logger: 'tls.obtain', identifier, error })

  it('is read from its end, for one name, and not from before the certificate that is there', () => {
    const log = [
      'cut off"}',
      line(inDays(-3), 'a.test', 'HTTP 429 urn:ietf:params:acme:error:rateLimited - many'),
      line(inDays(-2), 'b.test', 'x'),
      '',
    ].join('\n')

    expect(lastFailure(log, 'a.test', null)?.message).toContain('Too many certificates were asked for')
    expect(lastFailure(log, 'a.test', inDays(-2))).toBeNull()
    expect(lastFailure(log, 'c.test', null)).toBeNull()
    expect(lastFailure('', 'a.test', null)).toBeNull()
  })

  it.each([
    ['HTTP 400 urn:ietf:params:acme:error:dns - DNS problem: NXDOMAIN looking up A', /not found in DNS/],
    [
      'HTTP 400 urn:ietf:params:acme:error:connection - 203.0.113.1: Fetching http://x: Timeout',
      /reached from outside/,
    ],
    ['HTTP 403 urn:ietf:params:acme:error:unauthorized - Invalid response from http://x: 404', /Another machine/],
    ['HTTP 403 urn:ietf:params:acme:error:caa - CAA record prevents issuance', /CAA/],
    ['Get "https://ca.example/dir": dial tcp 127.0.0.1:9: connect: connection refused', /reached/],
  ])('%s', (error, message) => {
    expect(explain(error).message).toMatch(message)
    expect(explain(error).hint).not.toBe('')
  })

  it('LG-06: cannot write controls into the page', () => {
    expect(explain('a\u001b[2J\u202Eb').hint).toContain('It was said: a [2J b')
  })
})
