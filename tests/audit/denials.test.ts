import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { days, minutes } from '../support/clock.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const told = (type: string) =>
  w.test.query(
    `select team_id, actor_name, subject_name, address, data from events where type = '${type}' order by sequence`,
  )

describe('what is refused', () => {
  it('LG-06: is one event of the team, with who asked and from where, however often it is asked', async () => {
    for (let time = 0; time < 5; time++) expect((await w.visit('viewer', '/teams/acme/audit')).status).toBe(403)
    await w.visit('developer', '/teams/acme/audit')
    await expect.poll(() => told('access.denied')).toHaveLength(2)

    expect((await told('access.denied'))[0]).toEqual({
      ...{
        team_id: w.acme.id,
        actor_name: 'Viewer',
        subject_name: 'Acme',
        address: expect.stringContaining('127.0.0.1'),
      },
      data: { method: 'GET', page: '/teams/:team/audit' },
    })
  })

  it('is no event where nothing is there to be refused', async () => {
    expect((await w.visit('stranger', '/teams/acme/audit')).status).toBe(404)

    expect(await told('access.denied')).toEqual([])
  })
})

describe('a key', () => {
  it('LG-06: is written down when it is used for the first time of a day, also by many at once', async () => {
    w.clock.advance(days(1))
    await Promise.all([1, 2, 3].map(() => w.api('owner', 'GET', '/sites')))
    w.clock.advance(days(1))
    await w.api('owner', 'GET', '/sites')
    await w.api('owner', 'GET', '/sites')

    const events = await told('api-key.used')
    expect(events).toHaveLength(2)
    expect(events[0]).toMatchObject({ team_id: w.acme.id, subject_name: 'seeded' })
    // The panel of the tests listens on IPv4; on `::` the same visitor is ::ffff:127.0.0.1, and is written down as this.
    expect(events[0]?.address).toBe('127.0.0.1')
    expect((await w.visit('owner', '/teams/acme/activity')).text).toMatch(/used the API key\s*(<[^>]*>)*seeded/)
  })

  it('LG-06: is written down for each day, also where it is used right before and right after midnight', async () => {
    w.clock.advance(days(1))
    const midnight = new Date(w.clock.now())
    midnight.setUTCHours(24, 0, 0, 0)
    w.clock.advance(midnight.getTime() - w.clock.now().getTime() - 20_000)
    await w.api('owner', 'GET', '/sites')
    w.clock.advance(40_000)
    await w.api('owner', 'GET', '/sites')

    expect(await told('api-key.used')).toHaveLength(2)
  })

  it('LG-06: of the team’s own is written down as those of people are, and stays silent within the day', async () => {
    await w.test.query(`update api_keys set owner = 'team', created_by = null where team_id = $1 and created_by = $2`, [
      w.acme.id,
      w.people.developer.id,
    ])
    w.clock.advance(days(1))
    await w.api('developer', 'GET', '/sites')
    w.clock.advance(minutes(5))
    await w.api('developer', 'GET', '/sites')

    const [used, ...more] = await told('api-key.used')
    expect(more).toEqual([])
    expect(used).toMatchObject({ team_id: w.acme.id, actor_name: 'seeded', subject_name: 'seeded' })
  })
})
