import { afterAll, beforeAll, expect, it } from 'vitest'
import { entrances } from '../security/entrances.js'
import { type Scene, startScene } from '../security/scene.js'
import { policy, table, walk } from '../security/walk.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
  // As where mail is set up: only there can an address be proven.
  Object.assign(scene.w.services, { mail: { ...scene.w.services.mail, isSet: true } })
  await scene.w.test.query('update users set email_verified_at = null where id = any($1)', [
    [scene.w.people.owner.id, scene.w.people.operator.id],
  ])
})
afterAll(() => scene.close())

it('AZ-02: whoever has not proven their address is let in to what anybody may see and to the page that says so', async () => {
  // On the API these two come with a session and with a key: a key is made by somebody who has proven theirs.
  const pages = entrances.filter(({ face }) => face === 'page')
  const people = ['owner', 'operator'] as const
  const open = pages.filter(({ route: { options } }) => options.can === 'anyone' || options.can === 'unverified')
  // Only who owes a second factor is anywhere near those.
  const half = pages.filter(({ route }) => route.options.can === 'half-signed-in')
  const closed = pages.filter((entrance) => !open.includes(entrance) && !half.includes(entrance))

  expect(await walk(scene, open, people)).toEqual(await policy(open, people))
  expect(await walk(scene, closed, people)).toEqual(await table(closed, people, async () => 303))
  expect(
    open.filter(({ route }) => route.options.can === 'unverified').map(({ method, path }) => `${method} ${path}`),
  ).toEqual(expect.arrayContaining(['get /profile/email', 'post /sign-out']))
})

it('AZ-02: a session without a proven address gets 403 from the API', async () => {
  const api = entrances.filter(({ face, route }) => face === 'api' && route.options.can !== 'anyone')

  const answers = await table(api, ['operator'], async (entrance) => {
    const cookie = scene.credentials('operator', 'page')
    const { status } = await fetch(scene.panel.url + (await scene.address(entrance)), { headers: cookie })
    return entrance.method === 'get' ? status : 403
  })

  expect(answers).toEqual(await table(api, ['operator'], async () => 403))
})
