import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eachOf } from './at-once.js'
import { type Entrance, expected, letIn, nameOf, strongestOf, writing } from './entrances.js'
import { bodyOf } from './knock.js'
import { allRows } from './rows.js'
import { asForm, samplesOf } from './samples.js'
import { type Scene, startScene } from './scene.js'
import { wordsOf } from './seeds.js'
import { send } from './send.js'

let scene: Scene
let token: string
let othersToken: string
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())
beforeEach(() => {
  const { owner, admin } = scene.w.people
  token = owner.csrfToken
  othersToken = admin.csrfToken
})

const own = 'http://localhost:3000'

/** A request that would do what it says, were it not for its headers. The session alone is what browsers send by themselves. */
async function attempt(entrance: Entrance, headers: Record<string, string>, query = ''): Promise<number> {
  const { face, method, route } = entrance
  const type = face === 'api' ? 'application/json' : 'application/x-www-form-urlencoded'
  const fields = samplesOf(route.options.input, wordsOf(scene.acme))[0] ?? {}
  // Where only others than the owner get in, it is theirs instead, with their token where the owner's was given.
  const theirs = scene.credentials(strongestOf(entrance), 'page')
  const given = headers['x-csrf-token'] === token ? { 'x-csrf-token': theirs['x-csrf-token'] ?? '' } : {}
  const { status } = await send(scene.panel.url + (await scene.address(entrance)) + query, {
    method: face === 'page' ? 'POST' : method.toUpperCase(),
    headers: { cookie: theirs.cookie ?? '', 'content-type': type, ...headers, ...given },
    body: bodyOf(entrance, fields),
  })
  return status
}

const attacks: [why: string, headers: () => Record<string, string>][] = [
  ['CS-01: without a token', () => ({ origin: own, 'sec-fetch-site': 'same-origin' })],
  ['CS-01: with an empty token', () => ({ origin: own, 'x-csrf-token': '' })],
  ['CS-02: with the token of another session', () => ({ origin: own, 'x-csrf-token': othersToken })],
  ['CS-03: from another origin, with the token', () => ({ origin: 'https://evil.example', 'x-csrf-token': token })],
  ['CS-03: from nowhere (null), with the token', () => ({ origin: 'null', 'x-csrf-token': token })],
  ['CS-03: from a sibling, with the token', () => ({ 'sec-fetch-site': 'same-site', 'x-csrf-token': token })],
  ['CS-03: from across sites, with the token', () => ({ 'sec-fetch-site': 'cross-site', 'x-csrf-token': token })],
  ['CS-04: as htmx, without a token', () => ({ origin: own, 'hx-request': 'true' })],
]

describe('every change, asked with the owner’s session', () => {
  it.each(attacks)('%s is refused and changes nothing', async (_why, headers) => {
    const before = await allRows(scene.w)
    const answers = await eachOf(writing, async (entrance) => [nameOf(entrance), await attempt(entrance, headers())])

    expect(answers).toEqual(writing.map((entrance) => [nameOf(entrance), 403]))
    expect(await allRows(scene.w)).toEqual(before)
  })

  it('is let in from our own pages, so it is not refused for another reason above', async () => {
    const headers = () => ({ origin: own, 'sec-fetch-site': 'same-origin', 'x-csrf-token': token })
    const open = writing.filter((entrance) => expected(entrance, strongestOf(entrance)) === letIn)
    const answers = await eachOf(open, async (entrance) => [
      nameOf(entrance),
      await attempt(entrance, headers(), '?no-such-parameter=1'),
    ])

    expect(answers).toEqual(open.map((entrance) => [nameOf(entrance), 400]))
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'CS-05: the API takes no %s',
    async (type) => {
      const ofApi = writing.filter(({ face }) => face === 'api')
      const answers = await eachOf(ofApi, async (entrance) => {
        const fields = samplesOf(entrance.route.options.input)[0] ?? {}
        const { status } = await send(scene.panel.url + (await scene.address(entrance)), {
          method: entrance.method.toUpperCase(),
          headers: { ...scene.credentials('owner', 'api'), 'content-type': type },
          body: `${new URLSearchParams({ ...asForm(fields), more: 'x' })}`,
        })
        return [nameOf(entrance), status]
      })

      expect(answers).toEqual(ofApi.map((entrance) => [nameOf(entrance), 415]))
    },
  )
})
