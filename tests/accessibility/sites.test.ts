import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../support/parts.js'
import { faultsOfPages } from './pages.js'
import { patienceMs, type Stage, startStage } from './stage.js'

let stage: Stage
describe.skipIf(!needs('chromium'))('axe on sites', () => {
  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage?.close())

  it(
    'finds nothing',
    async () => {
      expect(await faultsOfPages(stage, 'sites')).toEqual([])
    },
    patienceMs,
  )
})
