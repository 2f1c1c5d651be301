import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endLeftovers, processesOf } from '../../bin/lib/test/leftovers.js'
import { removeAbandoned } from '../../bin/lib/test/memory.js'
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

describe('the next run', () => {
  it('removes what a killed run left in memory, ends what runs there, and leaves alone what is of a run that goes on', async () => {
    const killed = spawn('sleep', ['60'])
    const [theirs, ours, other] = [
      `hostler-test-${killed.pid}-Ab1_`,
      `hostler-test-${process.pid}-Ab1_`,
      'hostler-test',
    ]
    for (const name of [theirs, ours, other]) mkdirSync(join(folder, name, 'cluster'), { recursive: true })
    const database = spawn('sleep', ['60'], { cwd: join(folder, theirs, 'cluster'), detached: true })
    const ended = once(database, 'exit')
    await removeAbandoned(folder)
    expect(readdirSync(folder)).toHaveLength(3)

    killed.kill('SIGKILL')
    await once(killed, 'exit')
    await removeAbandoned(folder)

    await ended
    expect(readdirSync(folder)).toEqual([other, ours])
  })
})
