import { describe, expect, it } from 'vitest'
import { isMailAddress, readMailAddress, readMailServer } from '../../../server/platform/mail/settings.js'

describe('where mail is handed over', () => {
  it.each([
    ['smtps://mail.example.com', { host: 'mail.example.com', port: 465, tls: 'from the start', user: null }],
    ['smtp://mail.example.com', { port: 587, tls: 'required' }],
    ['smtp://mail.example.com:25?tls=none', { port: 25, tls: 'none' }],
    ['smtp://ada%40example.com:p%3Ass@mail.example.com', { user: 'ada@example.com', tls: 'required' }],
    ['smtp://127.0.0.1:25', { host: '127.0.0.1', port: 25, tls: 'none' }],
    ['smtp://[::1]:25', { host: '::1', tls: 'none' }],
    ['smtp://localhost', { tls: 'none' }],
    ['smtp://127.example.com', { tls: 'required' }],
  ])('is read from %s', (text, expected) => {
    expect(readMailServer(text)).toMatchObject(expected)
  })

  it('keeps the password out of sight', () => {
    const server = readMailServer('smtps://ada:p%3Ass@mail.example.com')

    expect(JSON.stringify(server)).not.toContain('p:ss')
    expect(server.password?.reveal()).toBe('p:ss')
  })

  it.each([
    'mail.example.com',
    'https://mail.example.com',
    'smtp://',
    'smtp://mail.example.com/folder',
    'smtp://mail.example.com?tls=maybe',
    'smtps://mail.example.com?tls=none',
  ])('is not read from %s', (text) => {
    expect(() => readMailServer(text)).toThrow()
  })

  it('never shows the password in what it says is wrong', () => {
    expect(() => readMailServer('smtp://ada:hunter2@mail.example.com/x')).toThrow(/^(?!.*hunter2)/)
  })
})

describe('whom mail is from', () => {
  it('is an address, with or without a name', () => {
    expect(readMailAddress('panel@example.com')).toEqual({ name: '', address: 'panel@example.com' })
    expect(readMailAddress(' "Hostler" <panel@example.com> ')).toEqual({
      name: 'Hostler',
      address: 'panel@example.com',
    })
  })

  it.each(['', 'Hostler', 'a@b, c@d', 'Hostler <>', 'a@b\r\nBcc: c@d', 'Hostler\r\nBcc: c@d <a@b>'])(
    'XT-11: is not %j',
    (text) => {
      expect(() => readMailAddress(text)).toThrow()
    },
  )
})

it.each(['a@b\nc@d', 'a@b,c@d', 'a@b;c@d', '<a@b>', 'a b@c', 'a@b@c', '@b', 'a@', `${'a'.repeat(250)}@b.example`])(
  'XT-11: %j is not one address',
  (text) => {
    expect(isMailAddress(text)).toBe(false)
  },
)
