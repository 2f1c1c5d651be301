import { describe, expect, it } from 'vitest'
import { readConfig } from '../server/config.js'

const goodSecret = 'kX9vQ2mN7pL4wR8tY3zB6cD1fG5hJ0sA'

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    const config = readConfig({})

    expect(config.baseUrl.href).toBe('http://localhost:3000/')
    expect(config.databaseUrl).toBeNull()
  })

  it('names every fault at once', () => {
    const start = () =>
      readConfig({ PORT: 'abc', HOSTLER_URL: 'panel.example.com', REDIS_URL: 'http://x', HOSTLER_SECRET_KEY: 'short' })

    expect(start).toThrow(
      /PORT must be a number[\s\S]*HOSTLER_URL must be a URL[\s\S]*REDIS_URL must be[\s\S]*HOSTLER_SECRET_KEY must have at least 32/,
    )
  })

  it.each(['', 'x'.repeat(40), 'change-me-change-me-change-me-change-me', 'this-is-a-secret-this-is-a-secret-12'])(
    'SE-06: never starts with the secret %j',
    (secret) => {
      if (secret === '') expect(readConfig({ HOSTLER_SECRET_KEY: secret }).secretKey).toBeNull()
      else expect(() => readConfig({ HOSTLER_SECRET_KEY: secret })).toThrow(/HOSTLER_SECRET_KEY/)
    },
  )

  it.each(['postgres://hostler@db/hostler', 'postgres://postgres:postgres@db/hostler', 'postgres://a:changeme@db/b'])(
    'SE-06: refuses the database password in %s',
    (url) => {
      expect(() => readConfig({ DATABASE_URL: url })).toThrow(/DATABASE_URL has no password/)
    },
  )

  it('takes resolvers with and without a port, and nothing else', () => {
    const list = '9.9.9.9, 127.0.0.1:5353,[2620:fe::fe]:53,[2620:fe::9]'

    expect(readConfig({}).resolvers).toEqual([])
    expect(readConfig({ HOSTLER_RESOLVERS: list }).resolvers).toEqual(list.split(/, ?/))
    for (const bad of ['dns.example', '9.9.9.9:0', '9.9.9.9:99999', '[9.9.9.9', '1.1.1.1,,2.2.2.2'])
      expect(() => readConfig({ HOSTLER_RESOLVERS: bad }), bad).toThrow(/HOSTLER_RESOLVERS lists/)
  })

  it('SF-01: allows nothing off the internet unless it is said, and says what it cannot read', () => {
    expect(readConfig({}).outboundAllow.hasAddress('10.0.0.1')).toBe(false)
    expect(readConfig({ HOSTLER_OUTBOUND_ALLOW: '10.0.0.0/8' }).outboundAllow.hasAddress('10.0.0.1')).toBe(true)
    expect(() => readConfig({ HOSTLER_OUTBOUND_ALLOW: '10.0.0.0/99' })).toThrow(
      /HOSTLER_OUTBOUND_ALLOW .*“10.0.0.0\/99” is no host name/,
    )
  })

  it('does not print its secrets', () => {
    const config = readConfig({ HOSTLER_SECRET_KEY: goodSecret, DATABASE_URL: 'postgres://a:kanary-9@db/b' })

    expect(JSON.stringify(config)).not.toMatch(/kX9vQ2mN|kanary/)
  })
})
