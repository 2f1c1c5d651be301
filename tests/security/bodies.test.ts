import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bodiesOf, takers } from './bodies.js'
import { nameOf, writing } from './entrances.js'
import { knock } from './knock.js'
import { placesIn } from './samples.js'
import { type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())
beforeEach(() => scene.reset())

const named = takers.map((entrance) => [nameOf(entrance), entrance] as const)

describe('bodies', () => {
  it.each(named)(
    'are taken as they should be, so that what follows fails for its own reason: %s',
    async (_, entrance) => {
      const bodies = bodiesOf(scene, entrance)
      for (const fields of bodies) {
        const { status, text } = await knock(scene, entrance, 'owner', { isPerson: true, fields })
        // Some look into the repository first, and nothing listens where the sample says it is. And no sample is signed.
        if (!text.includes('127.0.0.1') && !text.includes('This passkey was not accepted'))
          expect([400, 415, 422, 500], text.slice(0, 300)).not.toContain(status)
      }
    },
  )

  it('AZ-12: a field that comes twice is no text', async () => {
    for (const entrance of writing.filter(({ face, route }) => face === 'page' && route.options.input)) {
      const [fields = {}] = bodiesOf(scene, entrance)
      const name = placesIn(entrance.route.options.input)[0]?.path[0] ?? ''
      const { status } = await knock(scene, entrance, 'owner', { isPerson: true, fields, twice: name })
      expect([nameOf(entrance), status]).toEqual([
        nameOf(entrance),
        expect.toSatisfy((code) => [403, 404, 422].includes(code)),
      ])
    }
  })
})
