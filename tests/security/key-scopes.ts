import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allPermissions, type Permission } from '../../server/platform/access/permissions.js'
import { newId } from '../../server/platform/ids.js'
import { insert } from '../support/make.js'
import { eachOf } from './at-once.js'
import { type Decided, type Entrance, entrances, letIn, nameOf, ofTeams } from './entrances.js'
import { type Scene, startScene } from './scene.js'
import { decision } from './walk.js'

let scene: Scene

/** A key of the owner, who may do everything, for these alone. */
async function keyFor(permissions: readonly Permission[]): Promise<string> {
  const key = `hst_sk_${randomBytes(32).toString('base64url')}`
  const { w } = scene
  await insert(w.test, 'api_keys', {
    ...{ id: newId(), team_id: w.acme.id, created_by: w.people.owner.id, name: 'scoped', permissions, role: null },
    ...{ prefix: key.slice(0, 13), key_hash: createHash('sha256').update(key).digest(), created_at: w.clock.now() },
    last_used_at: w.clock.now(),
  })
  return key
}

/** Keys open pages as they open the API (AK-04): by what they hold, and nothing that asks who is there. */
const expectedOf = ({ route: { options } }: Entrance, held: readonly Permission[]): Decided => {
  const isShutToKeys = options.stepUp !== undefined && options.openToKeys !== true
  return !isShutToKeys && (held as readonly string[]).includes(options.can) ? letIn : 403
}

const asking = (permission: Permission) => ofTeams(entrances).filter(({ route }) => route.options.can === permission)
/** One entrance for each permission: what the others that ask for it would say as well. */
const oneOfEach = allPermissions.flatMap((permission) => asking(permission).slice(0, 1))
/** Whoever is a member sees that the team is there, and a key of theirs does. */
const always: readonly Permission[] = ['team:read']

async function decidedFor(held: readonly Permission[], list: readonly Entrance[]) {
  const headers = { authorization: `Bearer ${await keyFor(held)}` }
  return Object.fromEntries(
    await eachOf(list, async (one) => [nameOf(one), await decision(scene, one, 'nobody', { headers })]),
  )
}

const policyFor = (held: readonly Permission[], list: readonly Entrance[]) =>
  Object.fromEntries(list.map((one) => [nameOf(one), expectedOf(one, [...always, ...held])]))

/** A file of tests for some: all of them are four thousand requests. */
export function opensWhatItIsFor(some: readonly Permission[]): void {
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  describe('AK-01, AK-04: a key for', () => {
    it.each(some)('%s alone opens what asks for that, and of the rest nothing', async (permission) => {
      const list = [...new Set([...asking(permission), ...oneOfEach])]

      expect(await decidedFor([permission], list)).toEqual(policyFor([permission], list))
    })

    const asked = some.filter((permission) => asking(permission).length > 0)
    it.each(asked)('everything but %s opens nothing that asks for that', async (permission) => {
      const held = allPermissions.filter((other) => other !== permission)
      const list = asking(permission)

      expect(await decidedFor(held, list)).toEqual(policyFor(held, list))
    })
  })
}
