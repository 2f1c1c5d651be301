import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../../server/git/hosts/answers.js'

const now = new Date('2026-05-04T12:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const outcome = (status: number, headers: Record<string, string> = {}) =>
  outcomeOf(
    { status, header: (name) => headers[name], body: '' },
    { host: 'GitLab', repository: 'acme/shop', about: 'commit 1', by: 'person', right: 'api' },
    now,
  )
const reset = String(inSeconds(90).getTime() / 1000)

describe('what came of telling a host', () => {
  it.each([
    [429, { 'retry-after': '60' }, inSeconds(60)],
    [403, { 'retry-after': inSeconds(60).toUTCString() }, inSeconds(60)],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, inSeconds(90)],
    [403, { 'ratelimit-remaining': '0', 'ratelimit-reset': reset }, inSeconds(90)],
    [503, { 'retry-after': '999999' }, inSeconds(6 * 3600)],
    // A host that is only busy has nobody look for a right that is missing.
    [403, { 'ratelimit-remaining': '0' }, undefined],
    [429, {}, undefined],
    [500, {}, undefined],
    [408, {}, undefined],
  ])('is tried again when it says, or later and later: %i %j', (status, headers, until) => {
    expect(outcome(status, headers as Record<string, string>)).toEqual({
      kind: 'later',
      why: expect.stringMatching(/GitLab (takes no more requests for now|answered \d+)/),
      ...(until && { until }),
    })
  })

  it.each([401, 403, 404, 302])('waits for a person where the answer is %i', (status) => {
    expect(outcome(status)).toMatchObject({ kind: 'later', isLasting: true })
  })

  it('is over where the host does not take it, and done where it does', () => {
    expect([outcome(422).kind, outcome(400).kind]).toEqual(['given-up', 'given-up'])
    expect([outcome(200), outcome(201)]).toEqual([{ kind: 'sent' }, { kind: 'sent' }])
  })
})
