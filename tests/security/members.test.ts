import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authorizer } from '../../server/platform/access/authorizer.js'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import type { Permission } from '../../server/platform/access/permissions.js'
import { startTestPanel } from '../support/panel.js'
import { type Entrance, entrances, expected, ofTeams, reading, type Who } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import { decision, policy, table, walk } from './walk.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

describe('every way in', () => {
  it('AZ-07: decides the same for a part of a page, a boosted link and the page', async () => {
    const pages = reading.filter(({ face }) => face === 'page')
    const kinds: Record<string, string>[] = [
      { 'hx-request': 'true', 'hx-request-type': 'partial' },
      { 'hx-request': 'true', 'hx-boosted': 'true' },
    ]
    const some: readonly Who[] = ['nobody', 'half', 'stranger', 'billing', 'viewer']

    for (const headers of kinds)
      expect(await table(pages, some, async (entrance, who) => decision(scene, entrance, who, headers))).toEqual(
        // htmx is told to leave for the sign-in page; a redirect would put that page into a part of this one.
        await table(pages, some, async (entrance, who) => {
          const wanted = expected(entrance, who)
          return wanted === 303 ? 401 : wanted
        }),
      )
  })

  it('AZ-09: is shut to a member who is demoted or removed with the next request, by session and by key', async () => {
    const { w, acme } = scene
    const teams = ofTeams(entrances)

    await w.test.query('update memberships set role = $2 where user_id = $1', [w.people.owner.id, 'viewer'])
    expect(await walk(scene, teams, ['owner'])).toEqual(await policy(teams, ['owner'], () => 'viewer'))
    await w.test.query('delete from memberships where user_id = $1 and team_id = $2', [w.people.owner.id, acme.team.id])
    // The key of somebody who is no member opens nothing any more, so it is as if none had been shown.
    const gone = async ({ face }: Entrance) => (face === 'api' ? 401 : 404)
    expect(await walk(scene, teams, ['owner'])).toEqual(await table(teams, ['owner'], gone))
    await scene.reset()
  })
})

describe('AZ-06: the walk notices when a permission lets everybody in', () => {
  const used = [...new Set(ofTeams(entrances).map(({ route }) => route.options.can))] as Permission[] // `as`: routes of teams have permissions

  it.each(used)('%s', async (permission) => {
    const one = ofTeams(entrances)
      .filter(({ route }) => route.options.can === permission)
      .slice(0, 1)
    const { w } = scene
    const authorizer: Authorizer = {
      ...w.authorizer,
      teamCtx: async (identity, slug, asked) =>
        asked === permission ? TeamCtx.system(w.services, w.acme) : w.authorizer.teamCtx(identity, slug, asked),
    }
    const panel = await startTestPanel({ ...w, authorizer })

    const refused: readonly Who[] = ['stranger', 'billing', 'viewer']
    expect(await walk({ ...scene, panel }, one, refused)).not.toEqual(await policy(one, refused))
    await panel.close()
  })
})
