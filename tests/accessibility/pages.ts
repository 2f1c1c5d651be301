import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Entrance, reading, strongestOf, type Who } from '../security/entrances.js'
import { knock, queryOf } from '../security/knock.js'
import { needs } from '../support/parts.js'
import { patienceMs, type Stage, type Stop, startStage } from './stage.js'

/** Every page is of one of these: a page that is added is in the last, at the latest. A file for each is still quick. */
export const subjects = {
  sites: /\/sites/,
  servers: /\/servers/,
  rest: /^(?!.*\/(sites|servers))/,
} as const

/** As whoever sees most of it: the owner of a team that has one of everything, or who runs the panel. */
export const axeFindsNothingOn = (subject: keyof typeof subjects) =>
  describe.skipIf(!needs('chromium'))(`axe on the pages of ${subject}`, () => {
    let stage: Stage
    beforeAll(async () => {
      stage = await startStage()
    })
    afterAll(() => stage?.close())

    it('finds nothing', { timeout: patienceMs }, async () => {
      const entrancesHere = reading.filter(({ face, path }) => face === 'page' && subjects[subject].test(path))

      for (const who of ['owner', 'operator', 'half'] as const) {
        const pages = await pagesOf(stage, entrancesHere, who)
        if (who === 'owner') expect(pages.length).toBeGreaterThan(4)
        expect(await stage.faults(who, pages)).toEqual([])
      }
    })
  })

async function pagesOf({ scene }: Stage, list: readonly Entrance[], who: Who): Promise<Stop[]> {
  const found: Stop[] = []
  for (const entrance of list.filter((one) => strongestOf(one) === who)) {
    const { text, status } = await knock(scene, entrance, who)
    const path = (await scene.address(entrance)) + queryOf(entrance)
    if (/^<!doctype html>/i.test(text)) found.push({ path, status })
  }
  return found
}
