import type { Router } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../server/app.js'
import { routes } from '../../server/routes.js'
import { answersOf, isReadPage } from './answers.js'
import { entrances } from './entrances.js'
import { type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

describe('every way in', () => {
  it('AZ-01: is one of the routes; nothing else was given to Express', () => {
    const app = createApp(scene.w.services, routes, scene.w.authorizer)
    const pathsIn = (router: Router) => router.stack.flatMap((layer) => (layer.route ? [layer.route.path] : []))
    const within = app.router.stack.flatMap(({ handle }) => ('routers' in handle ? (handle.routers as Router[]) : []))
    const mounted = [app.router, ...within].flatMap(pathsIn)

    expect([...new Set(mounted)].sort()).toEqual([...new Set(entrances.map(({ path }) => path))].sort())
  })

  it('AZ-01, AZ-02: answers everybody as was agreed; look at what changed, then run vitest with -u', async () => {
    const others = entrances.filter((entrance) => !isReadPage(entrance))

    await expect(await answersOf(scene, others)).toMatchFileSnapshot('./answers.txt')
  })
})
