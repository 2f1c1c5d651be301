import { readFileSync } from 'node:fs'
import semver from 'semver'
import { expect, it } from 'vitest'

type Locked = Record<string, { engines?: { node?: string }; optionalDependencies?: Record<string, string> }>

const locked: Locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages

// A registry that lacks another platform's package lets `npm install` drop it, and `npm ci` then refuses everywhere.
it('the lockfile names the packages of every platform, so that npm ci works', () => {
  const optional = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  const named = new Set(Object.keys(locked).map((path) => path.split('node_modules/').at(-1)))

  expect(optional.filter((name) => !named.has(name))).toEqual([])
})

// The oldest that the panel takes, and the first of each later line from which on all packages say that they run.
it.each(['20.19.0', '22.13.0', '24.0.0'])('every package runs on Node %s', (version) => {
  const others = Object.entries(locked).filter(([, { engines }]) => !semver.satisfies(version, engines?.node ?? '*'))

  expect(others.map(([path, { engines }]) => `${path} wants ${engines?.node}`)).toEqual([])
})
