import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../server/pushes/globs.js'

describe('a pattern of paths', () => {
  it.each([
    ['README.md', 'README.md', true],
    ['README.md', 'docs/README.md', false],
    ['*.md', 'README.md', true],
    ['*.md', 'docs/README.md', false],
    ['**/*.md', 'README.md', true],
    ['**/*.md', 'docs/deep/README.md', true],
    ['docs/', 'docs/deep/README.md', true],
    ['docs/', 'docs', false],
    ['docs', 'docs/README.md', false],
    ['docs/**', 'docs/README.md', true],
    ['apps/*/src/**', 'apps/web/src/a/b.ts', true],
    ['apps/*/src/**', 'apps/web/x/src/a.ts', false],
    ['apps/**/b.ts', 'apps/b.ts', true],
    ['**', 'a/b/c', true],
    ['a/**/**/c', 'a/c', true],
    ['?.ts', 'a.ts', true],
    ['?.ts', 'ab.ts', false],
    ['a*c*e', 'abcde', true],
    ['a*c*e', 'abced', false],
    ['*', '.env', true],
    ['', 'a', false],
    ['a.b', 'axb', false],
    ['$(id)', '$(id)', true],
  ])('%s of %s: %s', (pattern, path, expected) => {
    expect(matchesGlob(pattern, path)).toBe(expected)
  })

  it('DO-03: takes a bounded time over what was made to take for ever', () => {
    const pattern = `${'**/'.repeat(60)}${'*a'.repeat(40)}b`
    const path = `${'a/'.repeat(500)}${'a'.repeat(255)}`
    const before = process.cpuUsage().user

    expect(matchesGlob(pattern, path)).toBe(false)

    expect((process.cpuUsage().user - before) / 1000).toBeLessThan(200)
  })
})
