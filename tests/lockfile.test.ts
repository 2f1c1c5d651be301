import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Locked = Record<string, { optionalDependencies?: Record<string, string> }>

// A registry that lacks another platform's package lets `npm install` drop it, and `npm ci` then refuses everywhere.
it('the lockfile names the packages of every platform, so that npm ci works', () => {
  const locked: Locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
  const optional = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  const named = new Set(Object.keys(locked).map((path) => path.split('node_modules/').at(-1)))

  expect(optional.filter((name) => !named.has(name))).toEqual([])
})
