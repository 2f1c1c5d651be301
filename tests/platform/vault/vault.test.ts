import { describe, expect, it } from 'vitest'
import { Secret } from '../../../server/platform/secret.js'
import { createVault } from '../../../server/platform/vault/vault.js'

const place = { table: 'sites', id: 'a', column: 'credential_sealed' }
const vault = createVault([new Secret('a long enough secret for a test')])

describe('the vault', () => {
  it('gives back what was sealed', () => {
    expect(vault.open(vault.seal(new Secret('tök\nen'), place), place).reveal()).toBe('tök\nen')
  })

  it('never seals the same text to the same box', () => {
    expect(vault.seal(new Secret('x'), place)).not.toBe(vault.seal(new Secret('x'), place))
  })

  it('LG-07: does not open a box that was moved to another row, column or table', () => {
    const box = vault.seal(new Secret('x'), place)

    for (const other of [
      { ...place, id: 'b' },
      { ...place, column: 'c' },
      { ...place, table: 't' },
    ]) {
      expect(() => vault.open(box, other)).toThrow()
    }
  })

  it('does not open a box with any byte changed', () => {
    const parts = vault.seal(new Secret('some text'), place).split('.')

    for (const index of [2, 3, 4]) {
      const bytes = Buffer.from(parts[index] ?? '', 'base64url')
      bytes[0] = (bytes[0] ?? 0) ^ 1
      expect(() => vault.open(parts.with(index, bytes.toString('base64url')).join('.'), place)).toThrow()
    }
  })

  it('refuses a shortened authentication tag', () => {
    const parts = vault.seal(new Secret('x'), place).split('.')
    const short = Buffer.from(parts[4] ?? '', 'base64url').subarray(0, 4)

    expect(() => vault.open(parts.with(4, short.toString('base64url')).join('.'), place)).toThrow()
  })

  it('opens old boxes after a rotation, says that they are old, and seals with the newest key', () => {
    const rotated = createVault([
      new Secret('the newer secret of this panel'),
      new Secret('a long enough secret for a test'),
    ])
    const old = vault.seal(new Secret('x'), place)

    expect(rotated.open(old, place).reveal()).toBe('x')
    expect(rotated.isOld(old)).toBe(true)
    expect(rotated.isOld(rotated.seal(new Secret('x'), place))).toBe(false)
    expect(() => vault.open(rotated.seal(new Secret('x'), place), place)).toThrow(/No key/)
  })

  it('prints a secret as dots wherever it is shown', () => {
    const secret = new Secret('canary')

    expect(`${secret} ${JSON.stringify({ secret })}`).not.toContain('canary')
  })
})
