import { afterAll, beforeAll, expect, it } from 'vitest'
import { answersOf, isReadPage } from './answers.js'
import { entrances } from './entrances.js'
import { type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

it('AZ-01, AZ-02: every page answers everybody as was agreed; look at what changed, then run vitest with -u', async () => {
  await expect(await answersOf(scene, entrances.filter(isReadPage))).toMatchFileSnapshot('./answers-pages.txt')
})
