import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Entrance, entrances, nameOf } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import { policy, walk } from './walk.js'

/** So many at a time, so that none is cut off on a machine that is busy. */
const together = 40

/** Everybody at each of some entrances. A file of tests for each kind: together they are five thousand requests. */
export function holdsPolicy(what: string, isMeant: (entrance: Entrance) => boolean): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  const meant = entrances.filter(isMeant)
  const parts = Array.from({ length: Math.ceil(meant.length / together) }, (_, part) =>
    meant.slice(part * together, (part + 1) * together),
  ).flatMap((part) => (part[0] ? [[nameOf(part[0]), part] as const] : []))

  it.each(parts)(
    `AZ-02, AK-06, MF-03: ${what} lets in whom its permission lets in, and nobody else: %s and the next`,
    async (_, part) => {
      expect(await walk(scene, part)).toEqual(await policy(part))
    },
  )
}
