import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isBuilt } from '../../bin/lib/build.js'
import { dependenciesAreInstalled } from '../../bin/lib/install.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prepare-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string, hour = 1) {
  mkdirSync(join(folder, dirname(path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  at(path, hour)
}

function at(path: string, hour: number) {
  const time = new Date(`2026-01-01T0${hour}:00:00Z`)
  utimesSync(join(folder, path), time, time)
}

describe('whether packages are installed', () => {
  const lock = (...packages: [string, object][]) => JSON.stringify({ packages: Object.fromEntries(packages) })
  const express: [string, object] = ['node_modules/express', { version: '5.3.0' }]
  const elsewhere: [string, object] = ['node_modules/only-on-windows', { version: '1.0.0', optional: true }]

  it.each([
    ['none are there', undefined, false],
    ['the same are there', lock(express), true],
    ['another version is there', lock(['node_modules/express', { version: '5.2.0' }]), false],
    ['one is missing', lock(), false],
    ['one too many is there', lock(express, ['node_modules/left-pad', { version: '1.0.0' }]), false],
  ])('is seen when %s', (_, installed, expected) => {
    write('package-lock.json', lock(['', {}], express, elsewhere))
    if (installed) write('node_modules/.package-lock.json', installed)

    expect(dependenciesAreInstalled(folder)).toBe(expected)
  })
})

describe('whether the sources are compiled', () => {
  beforeEach(() => {
    write('server/sites/sites.ts', '')
    for (const path of ['server/sites', 'server']) at(path, 1)
  })

  it('is no before the first time', () => {
    expect(isBuilt(folder)).toBe(false)
  })

  it('is yes while nothing has changed', () => {
    write('dist/.built', '', 2)

    expect(isBuilt(folder)).toBe(true)
  })

  it('is no after a change', () => {
    write('dist/.built', '', 2)
    at('server/sites/sites.ts', 3)

    expect(isBuilt(folder)).toBe(false)
  })

  it('is no after a file was deleted', () => {
    write('dist/.built', '', 2)
    at('server/sites', 3)

    expect(isBuilt(folder)).toBe(false)
  })
})
