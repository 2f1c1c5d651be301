import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../server/app.js'
import { routes } from '../../server/routes.js'
import { entrances, everybody, expected } from './entrances.js'
import { knock } from './knock.js'
import { type Scene, startScene } from './scene.js'
import { policy, table, walk } from './walk.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

describe('every way in', () => {
  it('AZ-01: is one of the routes; nothing else was given to Express', () => {
    const app = createApp(scene.w.services, routes, scene.w.authorizer)
    const mounted = app.router.stack.flatMap((layer) => (layer.route ? [layer.route.path] : []))

    expect([...new Set(mounted)].sort()).toEqual([...new Set(entrances.map(({ path }) => path))].sort())
  })

  it('AZ-02: lets in whom its permission lets in, and nobody else', async () => {
    expect(await walk(scene, entrances)).toEqual(await policy(entrances))
  })

  it('AZ-01, AZ-02: answers everybody as was agreed; look at what changed, then run vitest with -u', async () => {
    const answers = await table(entrances, everybody, async (entrance, who) =>
      entrance.method === 'get' ? (await knock(scene, entrance, who)).status : expected(entrance, who),
    )

    const sorted = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other))
    const lines = sorted.map(([entrance, cells]) => `${entrance}\n  ${cells}\n`)
    await expect(lines.join('')).toMatchFileSnapshot('./answers.txt')
  })
})
