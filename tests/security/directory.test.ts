import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Entrance, entrances, nameOf, ofDirectories } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import type { Seeded } from './seeds.js'
import { send } from './send.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

const tokenOf = ({ secrets }: Seeded): string => secrets.find((secret) => secret.startsWith('hst_scim_')) ?? ''

/** Nothing is done: no route has that parameter, and none that lets the token in goes on without. */
async function knock(entrance: Entrance, token: string, more: Record<string, string> = {}) {
  const { face, method } = entrance
  const address = `${scene.panel.url}${await scene.address(entrance)}?no-such-parameter=1`
  const { status, text } = await send(address, {
    method: face === 'page' && method !== 'get' ? 'POST' : method.toUpperCase(),
    headers: { authorization: `Bearer ${token}`, ...more },
  })
  return [nameOf(entrance), status === 400 && text.includes('There is no parameter') ? 'let in' : status]
}

describe('AK-05: the token of a directory', () => {
  it('opens every address of its directory, and with it neither a session nor a key is needed', async () => {
    for (const entrance of ofDirectories)
      expect(await knock(entrance, tokenOf(scene.acme))).toEqual([nameOf(entrance), 'let in'])
  })

  it('opens no address of another team’s directory', async () => {
    for (const entrance of ofDirectories)
      expect(await knock(entrance, tokenOf(scene.rival))).toEqual([nameOf(entrance), 401])
  })

  it('opens nothing else, also beside the session of the owner', async () => {
    const { cookie } = scene.w.people.owner
    // What hosts deliver is believed for its signature; no token is looked at.
    const others = entrances.filter(({ route: { options } }) => options.can !== 'directory' && !options.receives)
    for (const entrance of others)
      expect(await knock(entrance, tokenOf(scene.acme), { cookie })).toEqual([
        nameOf(entrance),
        // By a form that says nothing else, the method that is meant is not one that the address has.
        expect.toSatisfy((status) => status === 401 || (status === 405 && entrance.method !== 'get')),
      ])
  })
})
