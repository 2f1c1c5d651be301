import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expected, reading, type Who } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import { decision, table } from './walk.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

describe('every way in', () => {
  it('AZ-07: decides the same for a part of a page, a boosted link and the page', async () => {
    const pages = reading.filter(({ face }) => face === 'page')
    const kinds: Record<string, string>[] = [
      { 'hx-request': 'true', 'hx-request-type': 'partial' },
      { 'hx-request': 'true', 'hx-boosted': 'true' },
    ]
    const some: readonly Who[] = ['nobody', 'half', 'stranger', 'billing', 'viewer']

    for (const headers of kinds)
      expect(await table(pages, some, async (entrance, who) => decision(scene, entrance, who, { headers }))).toEqual(
        // htmx is told to leave for the sign-in page; a redirect would put that page into a part of this one.
        await table(pages, some, async (entrance, who) => {
          const wanted = expected(entrance, who)
          return wanted === 303 ? 401 : wanted
        }),
      )
  })
})
