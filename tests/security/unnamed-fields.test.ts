import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eachOf } from './at-once.js'
import { bodiesOf, isDone, takers } from './bodies.js'
import { nameOf } from './entrances.js'
import { knock } from './knock.js'
import { allRows } from './rows.js'
import { placesIn } from './samples.js'
import { nowhere, type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())
beforeEach(() => scene.reset())

const named = takers.map((entrance) => [nameOf(entrance), entrance] as const)

describe('fields that the route does not name', () => {
  it.each(named)('AZ-11: write nothing: %s', async (_, entrance) => {
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
    for (const fields of bodiesOf(scene, entrance)) {
      const named = placesIn(entrance.route.options.input).map(({ path: [own] }) => own)
      const unnamed = Object.entries(planted).filter(([name]) => !named.includes(name))
      await eachOf(unnamed, async ([name, value]) => {
        const { status } = await knock(scene, entrance, 'owner', {
          isPerson: true,
          fields: { ...fields, [name]: value },
        })
        expect(status, name).toBeLessThan(500)
        // Signing in takes what a browser's extensions add, and looks at none of it.
        if (isDone(status)) expect(nameOf(entrance)).toContain('/sign-in')
      })
    }
    expect(without(await allRows(scene.w), counters)).toEqual(without(before, counters))
  })
})

/** Sign-ins, failed ones too, leave traces of their own. */
const counters = ['sign_in_attempts', 'events', 'event_heads', 'sessions', 'known_browsers']

const without = (rows: Awaited<ReturnType<typeof allRows>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(rows).filter(([name]) => !names.includes(name)))
