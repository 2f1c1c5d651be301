import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rules, violations } from './support/conventions/rules.js'
import { sourceFile, sourceFiles } from './support/conventions/source.js'

const files = sourceFiles()

describe.each(rules)('$name', (rule) => {
  it('holds in every file', () => {
    expect(violations(rule, files)).toEqual([])
  })

  it('sees a violation', () => {
    const planted = sourceFile(rule.planted.path, rule.planted.text)

    expect(violations(rule, [planted])).toEqual([rule.planted.path])
  })

  it('excuses only files that exist and break it', () => {
    const excused = Object.keys(rule.allowed ?? {})

    expect(excused.filter((path) => !existsSync(path))).toEqual([])
    expect(violations({ ...rule, allowed: {} }, files).sort()).toEqual(excused.sort())
  })
})

describe('the reading of sources', () => {
  it('finds the product and its tests', () => {
    expect(files.map(({ path }) => path)).toContain('server/platform/errors.ts')
    expect(files.map(({ path }) => path)).toContain('tests/conventions.test.ts')
  })

  it('takes comments away and leaves strings and line numbers alone', () => {
    const { code } = sourceFile(
      'a.ts',
      "const a = 'http://x' // fetch(a)\n/** fetch(b)\n */\nfunction b() {\n  // fetch(c)\n}\n",
    )

    expect(code).toContain("'http://x'")
    expect(code).not.toContain('fetch')
    expect(code.split('\n')).toHaveLength(7)
  })
})
