import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Entrance, entrances } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import { policy, walk } from './walk.js'

/** Everybody at each of some entrances. A file of tests for each kind: together they are five thousand requests. */
export function holdsPolicy(what: string, isMeant: (entrance: Entrance) => boolean): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  it(`AZ-02, AK-06, MF-03: ${what} lets in whom its permission lets in, and nobody else`, async () => {
    const meant = entrances.filter(isMeant)
    expect(meant.length).toBeGreaterThan(50)

    expect(await walk(scene, meant)).toEqual(await policy(meant))
  })
}
