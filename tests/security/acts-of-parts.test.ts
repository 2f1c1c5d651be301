import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allPermissions } from '../../server/platform/access/permissions.js'
import { bodiesOf } from './bodies.js'
import { type Entrance, entrances, nameOf } from './entrances.js'
import { knock } from './knock.js'
import { type Scene, startScene } from './scene.js'

/** Who may do everything on a thing does with it whatever the owner does: the door of parts reaches all that it takes. */
let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

const things = { site: /\/(sites\/:site|operations\/:operation)\b/, server: /\/servers\/:server\b/ } as const

/** What is answered otherwise, and why. */
const others: Readonly<Record<string, number>> = {
  // Which groups there are is the whole team's.
  'api DELETE /api/v1/teams/:team/site-groups/:group/sites/:site': 403,
  // The sample is a repository that the team has a key of.
  'api PUT /api/v1/teams/:team/sites/:site/source': 422,
}

async function giveEverythingOn(thing: keyof typeof things): Promise<void> {
  const { w, acme } = scene
  await w.test.query(`update roles set permissions = $1 where name = 'Client'`, [allPermissions])
  const [site, server] = thing === 'site' ? [acme.siteId, null] : [null, acme.serverId]
  await w.test.query('update role_grants set site_id = $1, server_id = $2 where user_id = $3', [
    ...[site, server, w.people.client.id],
  ])
}

const asked = async (entrance: Entrance, who: 'owner' | 'client', fields: Record<string, unknown>): Promise<number> =>
  (await knock(scene, entrance, who, { isPerson: true, fields })).status

describe.each(['site', 'server'] as const)('AZ-02: everything on a %s', (thing) => {
  const list = entrances.filter(
    ({ path, face, method }) => things[thing].test(path) && (face === 'api' || method === 'get'),
  )

  it('is what the owner does with it', async () => {
    expect(list.length).toBeGreaterThan(20)
    for (const entrance of list) {
      const [fields = {}] = entrance.route.options.input ? bodiesOf(scene, entrance) : []
      await scene.reset()
      const owners = await asked(entrance, 'owner', fields)
      if (entrance.method !== 'get') await scene.reset()
      await giveEverythingOn(thing)
      const name = nameOf(entrance)
      expect.soft([name, await asked(entrance, 'client', fields)]).toEqual([name, others[name] ?? owners])
    }
  })
})
