import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apiPrefix } from '../../server/platform/http/api-answer.js'
import { hostileTexts } from '../support/hostile-texts.js'
import { type Entrance, nameOf, writing } from './entrances.js'
import { knock } from './knock.js'
import { allRows, textsIn } from './rows.js'
import { type Place, placesIn, samplesOf, withText } from './samples.js'
import { nowhere, type Scene, startScene } from './scene.js'
import { wordsOf } from './seeds.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())
beforeEach(() => scene.reset())

// What a schema lets be left out, but its verb needs: the text that is pasted, and how another repository lets us in.
const needed = { environment: 'COLOUR=blue', access: 'none' }
const bodiesOf = ({ route }: Entrance) => samplesOf(route.options.input, { ...wordsOf(scene.acme), ...needed })
const isDone = (status: number) => status < 400

/** Of two faces of one route the API's is asked: JSON carries any text as it is. */
const takers = writing.filter(
  ({ face, path, method, route }) =>
    route.options.input &&
    (face === 'api' || !writing.some((other) => other.method === method && other.path === apiPrefix + path)),
)
const named = takers.map((entrance) => [nameOf(entrance), entrance] as const)

describe('bodies', () => {
  it.each(named)(
    'are taken as they should be, so that what follows fails for its own reason: %s',
    async (_, entrance) => {
      const bodies = bodiesOf(entrance)
      for (const fields of bodies) {
        const { status, text } = await knock(scene, entrance, 'owner', { isPerson: true, fields })
        // Some look into the repository first, and nothing listens where the sample says it is.
        if (!text.includes('127.0.0.1')) expect([400, 415, 422, 500], text.slice(0, 300)).not.toContain(status)
      }
    },
  )

  it.each(named)('AZ-11: write nothing that the route does not name: %s', async (_, entrance) => {
    const planted = {
      id: nowhere(),
      team_id: scene.rival.team.id,
      teamId: scene.rival.team.id,
      site_id: scene.rival.siteId,
      server_id: scene.rival.serverId,
      owner_id: nowhere(),
      created_by: nowhere(),
      role: 'owner',
      is_operator: true,
      isOperator: true,
      is_admin: true,
      plan_id: nowhere(),
      status: 'ready',
      state: 'suspended',
      root: '/planted',
      live_release_id: nowhere(),
      private_key_sealed: 'planted',
      created_at: '1999-01-01T00:00:00Z',
    }
    const before = await allRows(scene.w)
    for (const fields of bodiesOf(entrance)) {
      for (const [name, value] of Object.entries(planted)) {
        if (placesIn(entrance.route.options.input).some(({ path: [own] }) => own === name)) continue
        const { status } = await knock(scene, entrance, 'owner', {
          isPerson: true,
          fields: { ...fields, [name]: value },
        })
        expect(status, name).toBeLessThan(500)
        // Signing in takes what a browser's extensions add, and looks at none of it.
        if (isDone(status)) expect(nameOf(entrance)).toContain('/sign-in')
      }
    }
    expect(without(await allRows(scene.w), counters)).toEqual(without(before, counters))
  })

  it.each(named)(
    'CI-01, QT-03: keep any text to the byte or refuse it: %s',
    async (_, entrance) => {
      const all = [...hostileTexts, '__proto__', 'constructor']
      const [fields = {}] = bodiesOf(entrance)
      const changed: string[] = []
      for (const place of placesIn(entrance.route.options.input)) {
        for (const text of place.isFree ? all : all.slice(0, 2)) {
          const what = `${place.path.join('.')} = ${JSON.stringify(text.slice(0, 20))}`
          const { status } = await knock(scene, entrance, 'owner', {
            isPerson: true,
            fields: withText(fields, place, text),
          })
          expect(status, what).not.toBe(401)
          expect(status, what).toBeLessThan(500)
          if (isDone(status) && !isHidden(place) && !(await isKept(text))) changed.push(what)
        }
      }
      expect(changed).toEqual([])
      expect(({} as Record<string, unknown>).x).toBeUndefined()
    },
    60_000,
  )

  it('AZ-12: a field that comes twice is no text', async () => {
    for (const entrance of writing.filter(({ face, route }) => face === 'page' && route.options.input)) {
      const [fields = {}] = bodiesOf(entrance)
      const name = placesIn(entrance.route.options.input)[0]?.path[0] ?? ''
      const { status } = await knock(scene, entrance, 'owner', { isPerson: true, fields, twice: name })
      expect([nameOf(entrance), status]).toEqual([
        nameOf(entrance),
        expect.toSatisfy((code) => [403, 404, 422].includes(code)),
      ])
    }
  })
})

/** Sign-ins, failed ones too, leave traces of their own. */
const counters = ['sign_in_attempts', 'events', 'event_heads', 'sessions']

const without = (rows: Awaited<ReturnType<typeof allRows>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(rows).filter(([name]) => !names.includes(name)))

/** What is sealed, hashed, compared or followed, and so stands in no row as it was sent. */
const hidden = [
  'password',
  'current',
  'token',
  'tokenUser',
  'privateKey',
  'value',
  'environment',
  'confirm',
  'next',
  'email',
]
const isHidden = ({ path }: Place) => path.some((name) => hidden.includes(name))

const isKept = async (text: string) => textsIn(await allRows(scene.w)).includes(text)
