import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Access } from '../../server/platform/access/access.js'
import type { Authorizer } from '../../server/platform/access/authorizer.js'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { allPermissions, type Permission } from '../../server/platform/access/permissions.js'
import type { Can } from '../../server/platform/http/route.js'
import { routes } from '../../server/routes.js'
import { startTestPanel } from '../support/panel.js'
import { type Entrance, entrances, everybody, expected, letIn, nameOf, ofTeams, type Who } from './entrances.js'
import { knock } from './knock.js'
import { mutated } from './mutated.js'
import { quietly, type Scene, startScene } from './scene.js'
import { policy, walk } from './walk.js'

declare global {
  /** Read by the mutant of that name (tests/support/mutants.ts). */
  var permissionOfEverybody: Permission | undefined
}

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

const askingFor = (permission: Permission): Entrance[] =>
  ofTeams(entrances).filter(({ route }) => route.options.can === permission)

const asked = allPermissions.filter((permission) => askingFor(permission).length > 0)

describe('AZ-06: each permission', () => {
  it('is asked for at some entrance; this one inside, by what shows, makes and revokes keys', () => {
    expect(allPermissions.filter((permission) => askingFor(permission).length === 0)).toEqual(['api-key:manage'])
  })

  describe('that every member holds is noticed wherever it is asked for', () => {
    let holed: Scene
    beforeAll(async () => {
      holed = await mutated(scene, 'one permission is everybody’s')
    })
    afterAll(async () => {
      globalThis.permissionOfEverybody = undefined
      await holed.close()
    })
    /** One of them holds no permission that the other holds, but to see that the team is there. */
    const members: readonly Who[] = ['billing', 'client']

    it('is noticed for that alone', async () => {
      globalThis.permissionOfEverybody = undefined
      const some = ofTeams(entrances).slice(0, 20)

      expect(await walk(holed, some, members)).toEqual(await policy(some, members))
    })

    // `team:read` is what being a member is.
    it.each(asked.filter((permission) => permission !== 'team:read'))('%s', async (permission) => {
      // A key does none of what asks who is there, whatever it holds.
      const asking = askingFor(permission).filter(({ face, route }) => face === 'page' || !route.options.stepUp)
      globalThis.permissionOfEverybody = permission

      const [found, decided] = [await walk(holed, asking, members), await policy(asking, members)]
      for (const name of asking.map(nameOf)) expect([name, found[name]]).not.toEqual([name, decided[name]])
    })
  })

  describe('that even strangers hold is noticed', () => {
    let opened: Permission
    let holed: Scene
    beforeAll(async () => {
      const { w } = scene
      const authorizer: Authorizer = {
        ...w.authorizer,
        teamCtx: async (identity, slug, permission, target) =>
          permission === opened
            ? TeamCtx.system(w.services, w.acme)
            : w.authorizer.teamCtx(identity, slug, permission, target),
      }
      holed = { ...scene, panel: await startTestPanel({ ...w, authorizer }, routes, quietly) }
    })
    afterAll(() => holed.panel.close())

    it.each(asked)('%s', async (permission) => {
      const one = askingFor(permission).slice(0, 1)
      opened = permission

      expect(await walk(holed, one, ['stranger'])).not.toEqual(await policy(one, ['stranger']))
    })
  })
})

describe('AZ-06: api-key:manage', () => {
  const list = entrances.filter((entrance) => nameOf(entrance) === 'api GET /api/v1/teams/:team/api-keys')
  const makersSeenBy = async (at: Scene, who: Who): Promise<unknown> => {
    const [entrance] = list
    if (!entrance) throw new Error('Where are keys listed?')
    const { text } = await knock(at, entrance, who, { isPerson: true })
    return [...new Set(JSON.parse(text).apiKeys.map(({ createdBy }: { createdBy: string }) => createdBy))].sort()
  }

  it('that every member holds is noticed where keys are listed', async () => {
    const { w } = scene
    const everywhere = (access: Access): Access => ({
      ...access,
      everywhere: new Set([...access.everywhere, 'api-key:manage' as const]),
    })
    const authorizer: Authorizer = {
      ...w.authorizer,
      teamCtx: async (...asked) => {
        const ctx = await w.authorizer.teamCtx(...asked)
        return ctx.access ? TeamCtx.of(w.services, ctx.team, { ...ctx, access: everywhere(ctx.access) }) : ctx
      },
    }
    const holed = { ...scene, panel: await startTestPanel({ ...w, authorizer }, routes, quietly) }

    expect(await makersSeenBy(scene, 'developer')).toEqual(['Developer'])
    expect(await makersSeenBy(holed, 'developer')).not.toEqual(['Developer'])
    await holed.panel.close()
  })
})

describe('AZ-06: what was agreed (access.test.ts) is not what a route answers that is declared', () => {
  const agreed = new Map(
    ['answers.txt', 'answers-pages.txt']
      .map((name) => readFileSync(path.join(import.meta.dirname, name), 'utf8'))
      .flatMap((text) => [...text.matchAll(/^(\w+ \w+ \S+) \[.*\]\n {2}(.*)$/gm)])
      .map(([, name = '', cells = '']) => [name, cells.split(', ')]),
  )
  const open: readonly string[] = ['anyone', 'half-signed-in', 'unverified', 'signed-in']

  it.each<[Can, (can: string) => boolean]>([
    ['anyone', (can) => can !== 'anyone'],
    ['signed-in', (can) => !open.includes(can)],
    ['team:read', (can) => !open.includes(can) && can !== 'operator' && can !== 'team:read'],
  ])('for %s', (can, isStricter) => {
    const stricter = entrances.filter(({ route }) => isStricter(route.options.can))
    expect(stricter.length).toBeGreaterThan(300)

    for (const entrance of stricter) {
      const declared = { ...entrance, route: { ...entrance.route, options: { ...entrance.route.options, can } } }
      const refused = agreed.get(nameOf(entrance))?.filter((cell) => /(303|40[134])$/.test(cell)) ?? []
      const nowLetIn = everybody.filter((who) => expected(declared, who) === letIn)
      expect([nameOf(entrance), refused.some((cell) => nowLetIn.some((who) => cell.startsWith(`${who} `)))]).toEqual([
        nameOf(entrance),
        true,
      ])
    }
  })
})
