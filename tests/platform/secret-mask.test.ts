import { describe, expect, it } from 'vitest'
import { Secret } from '../../server/platform/secret.js'
import { SecretMask } from '../../server/platform/secret-mask.js'

const masked = (text: string, ...secrets: string[]) => new SecretMask(secrets.map((s) => new Secret(s))).mask(text)

describe('LG-01: secrets in a line', () => {
  it('are dots, as often as they stand there', () => {
    expect(masked('a pa$$word, and a pa$$word', 'pa$$word')).toBe('a •••, and a •••')
  })

  it('leave nothing over where one begins another', () => {
    expect(masked('token-of-acme-5512', 'token', 'token-of-acme-5512')).toBe('•••')
  })

  it('are dots in each line of a key, also one that was written on Windows', () => {
    expect(masked('MIIEvAIBADAN', '-----BEGIN KEY-----\r\nMIIEvAIBADAN\r\n-----END KEY-----')).toBe('•••')
  })

  it('do not hide half of every log when they are short', () => {
    expect(masked('yes, it is 1', '1', 'yes')).toBe('yes, it is 1')
  })
})
