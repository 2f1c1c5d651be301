import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endLeftovers, processesOf } from '../../bin/lib/test/leftovers.js'
import { needs } from '../support/parts.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leftovers-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(!needs('setsid'))('the search for what tests left running', () => {
  it.each([
    ['its environment', { env: { TMPDIR: '' }, cwd: '/' }],
    ['its working folder', { env: {}, cwd: '' }],
  ])('finds a process that left its parent by %s, and ends it', async (_, { env, cwd }) => {
    const options = { cwd: cwd || folder, env: { PATH: process.env.PATH, ...('TMPDIR' in env && { TMPDIR: folder }) } }
    const parent = spawn('sh', ['-c', 'setsid sleep 60 </dev/null >/dev/null 2>&1 &'], options)
    await once(parent, 'exit')

    expect(await endLeftovers(folder, { patienceMs: 200 })).toEqual([expect.stringContaining('sleep 60')])
    expect(processesOf(folder)).toEqual([])
  })

  it('finds nothing when nothing was left', async () => {
    expect(await endLeftovers(folder)).toEqual([])
  })
})
