import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reading } from '../security/entrances.js'
import { knock, queryOf } from '../security/knock.js'
import { needs } from '../support/parts.js'
import { patienceMs, type Stage, type Stop, startStage } from './stage.js'

/** Every page is of one of these: a page that is added is in the last, at the latest. A file for each is still quick. */
export const subjects = {
  sites: /\/sites/,
  servers: /\/servers/,
  rest: /^(?!.*\/(sites|servers))/,
} as const

/** As the owner of a team that has one of everything. */
export const axeFindsNothingOn = (subject: keyof typeof subjects) =>
  describe.skipIf(!needs('chromium'))(`axe on the pages of ${subject}`, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await startStage()
    })
    afterAll(() => stage?.close())

    it('finds nothing', { timeout: patienceMs }, async () => {
      const pages = await pagesOf(stage, subjects[subject])

      expect(pages.length).toBeGreaterThan(4)
      expect(await stage.faults('owner', pages)).toEqual([])
    })
  })

async function pagesOf({ scene }: Stage, words: RegExp): Promise<Stop[]> {
  const found: Stop[] = []
  for (const entrance of reading.filter(({ face, path }) => face === 'page' && words.test(path))) {
    const { text, status } = await knock(scene, entrance, 'owner')
    const path = (await scene.address(entrance)) + queryOf(entrance)
    if (/^<!doctype html>/i.test(text)) found.push({ path, status })
  }
  return found
}
