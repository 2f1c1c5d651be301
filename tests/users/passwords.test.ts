import { describe, expect, it } from 'vitest'
import { Secret } from '../../server/platform/secret.js'
import { isBreached } from '../../server/users/breached.js'
import { hashPassword, isPassword } from '../../server/users/passwords.js'
import { passwordFault } from '../../server/users/rules.js'
import { Email, NewPassword, TypedPassword } from '../../server/users/schema.js'
import { hashOfNewPassword } from '../../server/users/users.js'

const person = { email: 'ada.lovelace@example.com', name: 'Ada' }

describe('passwords', () => {
  it('keeps an argon2id hash with the parameters that OWASP names first', async () => {
    expect(await hashPassword(new Secret('a walk along the canal'))).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  it('SE-12: tells passwords apart by every character, far beyond 72 bytes and in any script', async () => {
    const long = 'Ωμέγα 🗝 '.repeat(100)
    const hash = await hashPassword(new Secret(long))

    expect(await isPassword(hash, new Secret(long))).toBe(true)
    expect(await isPassword(hash, new Secret(`${long}x`))).toBe(false)
    expect(await isPassword(hash, new Secret(long.slice(0, -1)))).toBe(false)
    expect(await isPassword(hash, new Secret(long.normalize('NFD')))).toBe(false)
  })

  it('SE-12: accepts 8 to 1,000 characters as they are, spaces included', () => {
    const parse = (text: string) => NewPassword.safeParse(text).data?.reveal()

    expect(parse(' walk along  ')).toBe(' walk along  ')
    expect(parse('x'.repeat(1000))).toHaveLength(1000)
    expect(parse('x'.repeat(1001))).toBeUndefined()
    expect(parse('seven c')).toBeUndefined()
    expect(parse('eight ch')).toBe('eight ch')
    expect(parse('🗝'.repeat(8))).toBe('🗝'.repeat(8))
    expect(parse('🗝'.repeat(7))).toBeUndefined()
    expect(parse('🗝'.repeat(1000))).toBe('🗝'.repeat(1000))
    expect(TypedPassword.safeParse('🗝'.repeat(1000)).data?.reveal()).toBe('🗝'.repeat(1000))
    expect(TypedPassword.safeParse('x'.repeat(1001)).success).toBe(false)
    expect(parse('half a pair \ud800')).toBeUndefined()
  })

  it.each(['trustno1!', 'MiChElLe1', 'football1', 'iloveyou2', 'qwerty123', 'starwars'])(
    'refuses %s, which stands in leaks or is made as those are',
    async (text) => {
      await expect(hashOfNewPassword(new Secret(text), person)).rejects.toMatchObject({
        status: 422,
        field: 'password',
      })
    },
  )

  it('knows from leaks in whatever case, and nothing that is only long', async () => {
    expect(await isBreached('Superstar')).toBe(true)
    expect(await isBreached('a walk along the canal')).toBe(false)
  })

  it('SE-12: lets fifty sign-ins at once through, a few at a time', async () => {
    const hash = await hashPassword(new Secret('a walk along the canal'))
    const before = process.memoryUsage().rss

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        isPassword(hash, new Secret(index === 7 ? 'a walk along the canal' : `${index} is wrong`)),
      ),
    )

    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20)
  })

  it('sends a crowd away instead of letting it wait for minutes', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 130 }, () => isPassword(undefined, new Secret('a walk along the canal'))),
    )

    expect(answers.filter((answer) => answer.status === 'rejected').length).toBeGreaterThan(20)
    expect(await isPassword(undefined, new Secret('x'))).toBe(false)
  })

  it.each([
    'password1234',
    'PasswordPassword',
    'Welcome-2026!!',
    '123456789012',
    'qwertyuiopas',
    'aaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '1q2w3e4r5t6y',
    'ada.lovelace@example.com',
    'ada.lovelace1',
    'correcthorsebatterystaple',
  ])('refuses %s, which is tried first', (text) => {
    expect(passwordFault(text, person)).toMatch(/\w/)
  })

  it.each(['a walk along the canal', 'Fünf Katzen im Regen', 'k9$Tz!w2pQ#x'])('accepts %s', (text) => {
    expect(passwordFault(text, person)).toBeNull()
  })
})

describe('addresses', () => {
  it('RL-02: are the same whatever their case and the space around them', () => {
    expect(Email.parse('  Ada@Example.COM ')).toBe('ada@example.com')
  })

  it.each(['ada', 'ada@', 'a b@example.com', 'ada@example.com\r\nBcc: eve@example.com', 'ada@exa\0mple.com'])(
    'refuses %j',
    (text) => {
      expect(Email.safeParse(text).success).toBe(false)
    },
  )
})
