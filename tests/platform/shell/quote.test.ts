import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quote, quoteProgram } from '../../../server/platform/shell/quote.js'

describe('quote', () => {
  test.each([
    ['plain', 'plain'],
    ['/srv/site-1/a_b.txt', '/srv/site-1/a_b.txt'],
    ['KEY=value', 'KEY=value'],
    [8080, '8080'],
    ['', "''"],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['=ls', "'=ls'"],
    ['~root', "'~root'"],
    ['a~', "'a~'"],
    ['$(id)', "'$(id)'"],
    ['a\nb', "'a\nb'"],
    ['-rf', '-rf'],
  ])('%j becomes %s', (word, quoted) => {
    expect(quote(word)).toBe(quoted)
  })

  test('refuses a NUL byte with a sentence', () => {
    expect(() => quote('a\0b')).toThrow('NUL')
  })

  test.each([
    ['if', "'if'"],
    ['!', "'!'"],
    ['A=1', "'A=1'"],
    ["A='1", "'A='\\''1'"],
    ['make', 'make'],
  ])('as a program, %j becomes %s', (word, quoted) => {
    expect(quoteProgram(word)).toBe(quoted)
  })

  test.each(['dash', 'bash'])('CI-10: %s reads back what was quoted', (shell) => {
    const words = fc.array(
      fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0')),
      { minLength: 1, maxLength: 20 },
    )

    fc.assert(
      fc.property(words, (list) => {
        const line = ['printf', "'%s\\0'", ...list.map(quote)].join(' ')
        // A socket for its input would tell bash that it was called from afar: it would read the tester's ~/.bashrc each time.
        const read = execFileSync(shell, ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
        expect(read).toBe(list.map((word) => `${word}\0`).join(''))
      }),
      { numRuns: 60 },
    )
  })
})
