import { readFileSync } from 'node:fs'
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

  it('reads who makes certificates, and an account there only whole', () => {
    expect(readConfig({}).acme).toEqual({ url: null, email: null, rootFile: null, externalAccount: null })
    const HOSTLER_ACME_URL = 'https://acme.zerossl.com/v2/DV90'
    const account = { HOSTLER_ACME_EAB_KEY_ID: 'kid-1', HOSTLER_ACME_EAB_KEY: 'a+b/c0123456789012345==' }
    const { acme } = readConfig({
      ...{ HOSTLER_ACME_URL, HOSTLER_ACME_EMAIL: 'ops@example.com', HOSTLER_ACME_ROOT: '/data/root.pem', ...account },
    })

    expect(acme).toMatchObject({ url: new URL(HOSTLER_ACME_URL), email: 'ops@example.com', rootFile: '/data/root.pem' })
    expect(acme.externalAccount?.keyId).toBe('kid-1')
    // As CAs and Caddy take it.
    expect(acme.externalAccount?.key.reveal()).toBe('a-b_c0123456789012345')
    expect(() => readConfig(account)).toThrow(/HOSTLER_ACME_URL has to be set, too/)
    expect(() => readConfig({ HOSTLER_ACME_URL, HOSTLER_ACME_EAB_KEY_ID: 'kid-1' })).toThrow(/HOSTLER_ACME_EAB_KEY has/)
    expect(() => readConfig({ HOSTLER_ACME_URL, ...account, HOSTLER_ACME_EAB_KEY: 'no key' })).toThrow(
      /HOSTLER_ACME_EAB_KEY must be the key as base64/,
    )
    for (const bad of [{ HOSTLER_ACME_URL: 'http://ca.example/dir' }, { HOSTLER_ACME_EMAIL: 'nobody' }])
      expect(() => readConfig(bad)).toThrow(/HOSTLER_ACME_(URL must be a URL|EMAIL must be a mail address)/)
  })

  it('reads how mail is sent, and takes it only whole', () => {
    const HOSTLER_SMTP_URL = 'smtps://ada:hunter2@mail.example.com'
    const HOSTLER_MAIL_FROM = 'Hostler <panel@example.com>'

    expect(readConfig({}).mail).toBeNull()
    const { mail } = readConfig({ HOSTLER_SMTP_URL, HOSTLER_MAIL_FROM })
    expect(mail).toMatchObject({ server: { host: 'mail.example.com', port: 465 }, from: { name: 'Hostler' } })
    expect(JSON.stringify(mail)).not.toContain('hunter2')
    expect(() => readConfig({ HOSTLER_SMTP_URL })).toThrow(/HOSTLER_MAIL_FROM has to be set, too/)
    expect(() => readConfig({ HOSTLER_MAIL_FROM })).toThrow(/HOSTLER_SMTP_URL has to be set, too/)
    expect(() => readConfig({ HOSTLER_SMTP_URL: 'mail:hunter2@x', HOSTLER_MAIL_FROM: 'me' })).toThrow(
      /^(?![\s\S]*hunter2)[\s\S]*HOSTLER_SMTP_URL must be a URL[\s\S]*HOSTLER_MAIL_FROM must be an address/,
    )
  })

  it('is written down and handed to the container, each setting of it', () => {
    const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    const settings = [...new Set(read('server/config.ts').match(/HOSTLER_[A-Z_]+(?=:)/g))]
    const [docs, compose, image] = ['docs/installing.md', 'compose.yaml', 'Dockerfile'].map(read)

    expect(settings).toContain('HOSTLER_ACME_EAB_KEY')
    expect(settings.filter((name) => !docs?.includes(`\`${name}\``))).toEqual([])
    // The port of a container is given an address where it is published.
    const handed = settings.filter((name) => name !== 'HOSTLER_BIND')
    expect(handed.filter((name) => !compose?.includes(`${name}:`) && !image?.includes(`${name}=`))).toEqual([])
  })

  it('SF-01: allows nothing off the internet unless it is said, and says what it cannot read', () => {
    expect(readConfig({}).outboundAllow.hasAddress('10.0.0.1')).toBe(false)
    expect(readConfig({ HOSTLER_OUTBOUND_ALLOW: '10.0.0.0/8' }).outboundAllow.hasAddress('10.0.0.1')).toBe(true)
    expect(() => readConfig({ HOSTLER_OUTBOUND_ALLOW: '10.0.0.0/99' })).toThrow(
      /HOSTLER_OUTBOUND_ALLOW .*“10.0.0.0\/99” is no host name/,
    )
  })

  it('does not print its secrets', () => {
    const config = readConfig({
      HOSTLER_SECRET_KEY: goodSecret,
      DATABASE_URL: 'postgres://a:kanary-9@db/b',
      HOSTLER_ACME_URL: 'https://ca.example/dir',
      HOSTLER_ACME_EAB_KEY_ID: 'kid-1',
      HOSTLER_ACME_EAB_KEY: 'kanary-0123456789012345',
    })

    expect(JSON.stringify(config)).not.toMatch(/kX9vQ2mN|kanary/)
  })
})
