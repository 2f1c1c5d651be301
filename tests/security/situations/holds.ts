import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { entrances } from '../entrances.js'
import { type Scene, startScene } from '../scene.js'
import { lookAt, type Situation } from './situation.js'

/** Every entrance that a situation is about, while it lasts. */
export function holdsPolicyIn(situations: readonly Situation[]): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  beforeEach(() => scene.reset())
  afterAll(() => scene.close())

  describe('every way in', () => {
    it.each(situations.map((situation) => [situation.name, situation] as const))('AZ-02, %s', async (_, situation) => {
      await situation.begin(scene)
      const list = entrances.filter(situation.where)
      expect(list).not.toEqual([])

      const [found, decided] = await lookAt(scene, situation, list)
      expect(found).toEqual(decided)
    })
  })
}
