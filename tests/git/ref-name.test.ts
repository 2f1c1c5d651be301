import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { parseBranchName, parseCommitSha } from '../../server/git/ref-name.js'
import { UserError } from '../../server/platform/errors.js'
import { hostileTexts, named } from '../support/hostile-texts.js'

const isAccepted = (text: string): boolean => {
  try {
    return parseBranchName(text) === text
  } catch (error) {
    if (error instanceof UserError && error.status === 422) return false
    throw error
  }
}

describe('the name of a branch', () => {
  test.each([
    'main',
    'feature/a-b',
    'a;id',
    'a$(id)',
    'a`id`',
    'a|b',
    'a&b',
    "a'b",
    'a"b',
    'ünïcode',
    '#1',
    '@a',
    'a--',
    'refs/x',
  ])('CI-01: accepts %s, as Git does', (name) => {
    expect(parseBranchName(name)).toBe(name)
  })

  test.each([
    ['--upload-pack=id', 'starts with a dash'],
    ['-rf', 'starts with a dash'],
    ['a b', 'space'],
    ['a\nb', 'line break'],
    ['a\0b', 'control character'],
    ['a..b', 'two dots'],
    ['a:b', '~ ^ : ? * [ \\'],
    ['a@{1}', '@{'],
    ['HEAD', 'meaning of its own'],
    ['a/.b', 'starts with a dot'],
    ['a.lock', '.lock'],
    ['a.lock/b', '.lock'],
    ['a//b', 'slash'],
    ['a.', 'ends with a dot'],
    ['', 'empty'],
    ['a'.repeat(241), 'too long'],
    ['\ud800', 'Unicode'],
  ])('CI-07: refuses %j and says why', (name, sentence) => {
    expect(() => parseBranchName(name)).toThrow(sentence)
  })

  test('agrees with git check-ref-format wherever Git gives an answer', () => {
    const marks = [
      'a',
      '/',
      '.',
      '..',
      '.lock',
      '@',
      '@{',
      '-',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      ';',
      '$(id)',
      "'",
      '\x7f',
    ]
    const names = marks.flatMap((one) => marks.flatMap((two) => [`${one}${two}`, `x${one}${two}x`]))
    // One process for all: the name travels as an argument, so it cannot hold what an argument cannot.
    const script = 'for name do git check-ref-format --branch "$name" >/dev/null 2>&1 && echo 1 || echo 0; done'
    const sample = names.filter((_, index) => index % 4 === 0)
    const answers = spawnSync('sh', ['-c', script, 'sh', ...sample], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')

    const different = sample.filter((name, index) => isAccepted(name) !== (answers[index] === '1'))
    expect(different).toEqual([])
  })
})

describe('the hash of a commit', () => {
  test('has 40 or 64 hexadecimal digits', () => {
    expect(parseCommitSha('ABCDEF0123'.repeat(4))).toBe('abcdef0123'.repeat(4))
    expect(parseCommitSha('a'.repeat(64))).toHaveLength(64)
  })

  const others = ['abc1234', `${'a'.repeat(40)}\n`, `--output=${'a'.repeat(40)}`, 'g'.repeat(40)]

  test.each(named([...hostileTexts, ...others]))('CI-01: %j is none', (_, text) => {
    expect(() => parseCommitSha(text)).toThrow('not the hash of a commit')
  })
})
