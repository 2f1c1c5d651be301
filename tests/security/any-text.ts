import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostileTexts } from '../support/hostile-texts.js'
import { bodiesOf, isDone, takers } from './bodies.js'
import { type Entrance, nameOf } from './entrances.js'
import { knock } from './knock.js'
import { allRows, textsIn } from './rows.js'
import { type Place, placesIn, withText } from './samples.js'
import { type Scene, startScene } from './scene.js'

/** What an entrance is about, from its address. A file of tests for each: together they are two thousand requests. */
type Subject = 'repository' | 'new-site' | 'site' | 'site-parts' | 'server' | 'team' | 'person'

function subjectOf({ path }: Entrance): Subject {
  if (/\/(drafts|look)$/.test(path)) return 'repository'
  if (path.endsWith('/sites')) return 'new-site'
  if (/\/sites\/:site\/(access|domains|environment|previews)/.test(path)) return 'site-parts'
  if (path.includes('/sites/')) return 'site'
  if (path.includes('/servers')) return 'server'
  return path.includes('/teams/:team') ? 'team' : 'person'
}

export function keepsAnyText(subject: Subject): void {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())
  beforeEach(() => scene.reset())

  const isKept = async (text: string) => textsIn(await allRows(scene.w)).includes(text)
  const named = takers
    // What is only asked for is kept nowhere.
    .filter((entrance) => subjectOf(entrance) === subject && !entrance.path.endsWith('/audit/exports'))
    .flatMap((entrance) =>
      placesIn(entrance.route.options.input).map(
        (place) => [`${nameOf(entrance)}: ${place.path.join('.')}`, entrance, place] as const,
      ),
    )

  describe('bodies', () => {
    it.each(named)('CI-01, QT-03: keep any text to the byte or refuse it: %s', async (_, entrance, place) => {
      const all = [...hostileTexts, '__proto__', 'constructor']
      const [fields = {}] = bodiesOf(scene, entrance)
      const changed: string[] = []
      for (const text of place.isFree ? all : all.slice(0, 2)) {
        const what = JSON.stringify(text.slice(0, 20))
        const { status } = await knock(scene, entrance, 'owner', {
          isPerson: true,
          fields: withText(fields, place, text),
        })
        expect(status, what).not.toBe(401)
        expect(status, what).toBeLessThan(500)
        if (isDone(status) && !isHidden(place) && !(await isKept(text))) changed.push(what)
      }
      expect(changed).toEqual([])
      expect(({} as Record<string, unknown>).x).toBeUndefined()
    })
  })
}

/** What is sealed, hashed, compared or followed, and so stands in no row as it was sent. */
const hidden = [
  'password',
  'clientSecret',
  'secret',
  'metadata',
  'current',
  'token',
  'tokenUser',
  'privateKey',
  'value',
  'environment',
  'confirm',
  'next',
  'email',
  'organization',
]
const isHidden = ({ path }: Place) => path.some((name) => hidden.includes(name))
