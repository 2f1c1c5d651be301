import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingLeft,
  expectSentence,
  expectServed,
  type FaultStage,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

/** The folder of the sites becomes a small disk of its own; what it needs to be filled is then a few megabytes. */
const sizeMb = 400

describe.skipIf(!needs('git', 'runsv', 'sshd', 'root', 'mount'))('a disk that is full', { timeout: 90_000 }, () => {
  let stage: FaultStage
  let folder: string
  beforeAll(async () => {
    stage = await startFaultStage(
      {},
      {
        beforeFirst: (place) => {
          folder = path.dirname(place.folder)
          mkdirSync(folder, { recursive: true })
          execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder])
        },
      },
    )
    await stage.worker()
  }, 90_000)
  afterAll(async () => {
    await stage.visitors.stop()
    await stage.parts.runtimes.process.removePlace(stage.host, stage.place)
    execFileSync('umount', ['--lazy', folder])
    await stage.stop()
  })

  it('R17: in the build: it fails with the name of the server and what to do, and leaves nothing', async () => {
    await stage.set('build_command', 'head -c 1000000000 /dev/zero >big')

    const ended = await stage.push(visitedApp('two'))

    expect(ended).toMatchObject({ status: 'failed', message: expect.stringMatching(/disk .*full/i) })
    expectSentence(ended)
    expectServed(stage.visitors, 'one')
    await expectNothingLeft(stage)
  })

  it('R17: before the deploy: it says how much is free and changes nothing, and the next one is well', async () => {
    await stage.set('build_command', null)
    writeFileSync(`${folder}/ballast`, Buffer.alloc((sizeMb - 100) * 1024 * 1024))

    const ended = await stage.ended(await stage.request())

    expect(ended).toMatchObject({ status: 'failed', message: expect.stringMatching(/nearly full: \d+ MB/) })
    expectSentence(ended)
    rmSync(`${folder}/ballast`)
    expect(await stage.push(visitedApp('three'))).toMatchObject({ status: 'succeeded' })
    expectServed(stage.visitors, 'one', 'three')
    await expectNothingLeft(stage)
  })
})
