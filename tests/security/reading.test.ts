import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachOf } from './at-once.js'
import { nameOf, ofTeams, reading, strongestOf } from './entrances.js'
import { knock } from './knock.js'
import { allRows } from './rows.js'
import { type Scene, startScene } from './scene.js'
import { send } from './send.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

describe('reading', () => {
  it('AZ-08, CS-10: changes nothing, by GET or by HEAD', async () => {
    const before = await allRows(scene.w)
    await eachOf(reading, async (entrance) => {
      await knock(scene, entrance, 'owner')
      const url = scene.panel.url + (await scene.address(entrance))
      await send(url, { method: 'HEAD', headers: scene.credentials('owner', entrance.face) })
    })
    expect(await allRows(scene.w)).toEqual(before)
  })

  it('CS-07, CS-08, CS-12: is let in by no other origin, framed by nobody and kept by no cache', async () => {
    await eachOf(reading, async (entrance) => {
      const headers = { ...scene.credentials('owner', entrance.face), origin: 'https://evil.example' }
      const answer = await send(scene.panel.url + (await scene.address(entrance)), { headers })
      const said = Object.fromEntries(answer.headers)

      expect(Object.keys(said).filter((name) => name.startsWith('access-control-'))).toEqual([])
      expect(said, nameOf(entrance)).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
      expect(said['content-security-policy']).toMatch(/frame-ancestors 'none'/)
      expect(said['content-security-policy']).not.toMatch(/unsafe-/)
    })
  })

  it('CS-07: answers no preflight', async () => {
    await eachOf(ofTeams(reading), async (entrance) => {
      const headers = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' }
      const answer = await send(scene.panel.url + (await scene.address(entrance)), { method: 'OPTIONS', headers })

      expect(answer.status, nameOf(entrance)).toBe(405)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    })
  })

  it('AZ-12: takes no parameter twice, none that it does not name, and no list or object for a text', async () => {
    await eachOf(reading, async (entrance) => {
      const names = ['id', ...Object.keys(entrance.route.options.query?.shape ?? {})]
      const queries = ['?sort=1;select+1', '?__proto__[a]=1', ...names.map((name) => `?${name}[]=1`)]
      const twice = names.map((name) => `?${name}=1&${name}=2`)
      const who = strongestOf(entrance)
      for (const query of [...queries, ...twice])
        expect([query, (await knock(scene, entrance, who, { query })).status]).toEqual([query, 400])
    })
  })
})
