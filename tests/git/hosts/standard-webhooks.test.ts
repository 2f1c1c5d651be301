import { createHmac, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { gitHosts } from '../../../server/git/hosts/hosts.js'
import { isStandardSigned, keyOfToken } from '../../../server/git/hosts/standard-webhooks.js'
import { Secret } from '../../../server/platform/secret.js'

/** The example that the specification's own libraries are tested with. */
const example = {
  key: Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'),
  bytes: Buffer.from('{"test": 2432232314}'),
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  now: new Date(1614265330_000),
}
interface Change extends Partial<Pick<typeof example, 'key' | 'bytes' | 'now'>> {
  headers?: Record<string, string>
}
const isGood = (change: Change = {}) => {
  const { key, bytes, now } = { ...example, ...change }
  return isStandardSigned(key, bytes, { ...example.headers, ...change.headers }, now)
}
const minutesLater = (minutes: number) => ({ now: new Date(example.now.getTime() + minutes * 60_000) })

describe('a Standard Webhooks signature', () => {
  it('is that of the specification, and one of several', () => {
    const { 'webhook-signature': signature } = example.headers
    expect(isGood()).toBe(true)
    expect(isGood({ headers: { 'webhook-signature': `v1,${'A'.repeat(43)}= v1a,x ${signature}` } })).toBe(true)
  })

  it.each<[string, Change]>([
    ['other bytes', { bytes: Buffer.from('{"test":2432232314}') }],
    ['another key', { key: Buffer.alloc(24) }],
    ['another id', { headers: { 'webhook-id': 'msg_other' } }],
    ['another time', { headers: { 'webhook-timestamp': '1614265331' } }],
    ['no id', { headers: { 'webhook-id': '' } }],
    ['a time that is none', { headers: { 'webhook-timestamp': '1614265330.0' } }],
    ['no version', { headers: { 'webhook-signature': 'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' } }],
    ['a cut one', { headers: { 'webhook-signature': 'v1,g0hM9SsE' } }],
    ['an empty one', { headers: { 'webhook-signature': '' } }],
    ['one of six minutes ago', minutesLater(6)],
    ['one of six minutes ahead', minutesLater(-6)],
  ])('WH-01, WH-03: is refused with %s', (_, change) => {
    expect(isGood(change)).toBe(false)
  })

  it('may be four minutes old', () => {
    expect(isGood(minutesLater(4))).toBe(true)
  })
})

describe('GitLab’s signing token', () => {
  const key = randomBytes(32)
  const token = new Secret(`whsec_${key.toString('base64')}`)
  const now = new Date()
  const bytes = Buffer.from('{"a":1}')
  const time = String(Math.floor(now.getTime() / 1000))
  const hmac = createHmac('sha256', key).update(`7.${time}.`).update(bytes).digest('base64')
  const signed = { 'webhook-id': '7', 'webhook-timestamp': time, 'webhook-signature': `v1,${hmac}` }
  const is = (secret: Secret, headers: Record<string, string>) => gitHosts.gitlab.isSigned(secret, bytes, headers, now)

  it('is 32 bytes after whsec_', () => {
    expect(keyOfToken(token.reveal())).toEqual(key)
    for (const text of ['', 'whsec_', key.toString('base64'), `whsec_${randomBytes(24).toString('base64')}`])
      expect(keyOfToken(text)).toBeNull()
  })

  it('signs, and is not taken where it is sent along; a secret is no key', () => {
    expect(is(token, signed)).toBe(true)
    expect(is(token, { 'x-gitlab-token': token.reveal() })).toBe(false)
    expect(is(token, { ...signed, 'webhook-timestamp': String(Number(time) - 1) })).toBe(false)
    expect(is(new Secret('plain'), { ...signed, 'x-gitlab-token': 'plain' })).toBe(true)
    expect(is(new Secret('plain'), signed)).toBe(false)
  })
})
