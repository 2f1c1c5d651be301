import { expect } from 'vitest'
import { reading } from '../security/entrances.js'
import { knock, queryOf } from '../security/knock.js'
import type { Stage, Stop } from './stage.js'

/** Every page is of one of these: a page that is added is in the last, at the latest. A file for each is still quick. */
export const subjects = {
  sites: /\/sites/,
  servers: /\/servers/,
  rest: /^(?!.*\/(sites|servers))/,
} as const

/** What axe finds on the pages of a subject, as the owner of a team that has one of everything. */
export async function faultsOfPages(stage: Stage, subject: keyof typeof subjects): Promise<string[]> {
  const pages = await pagesOf(stage, subjects[subject])
  expect(pages.length).toBeGreaterThan(4)
  return stage.faults('owner', pages)
}

async function pagesOf({ scene }: Stage, words: RegExp): Promise<Stop[]> {
  const found: Stop[] = []
  for (const entrance of reading.filter(({ face, path }) => face === 'page' && words.test(path))) {
    const { text, status } = await knock(scene, entrance, 'owner')
    const path = (await scene.address(entrance)) + queryOf(entrance)
    if (/^<!doctype html>/i.test(text)) found.push({ path, status })
  }
  return found
}
