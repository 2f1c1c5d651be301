import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachOf } from './at-once.js'
import { type Entrance, entrances, isOfTeam, nameOf, ofTeams } from './entrances.js'
import { knock, sameEachTime } from './knock.js'
import { allRows } from './rows.js'
import { samplesOf } from './samples.js'
import { nowhere, type Scene, startScene } from './scene.js'
import { wordsOf } from './seeds.js'
import type { Answer } from './send.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

/** All that whoever asked can look at, but what is new in every answer. */
const seen = ({ status, headers, text }: Answer) => {
  const { date: _, 'x-request-id': __, ...said } = Object.fromEntries(headers)
  const policy = said['content-security-policy']?.replaceAll(/'nonce-[^']*'/g, 'nonce')
  return { status, headers: { ...said, 'content-security-policy': policy }, text: sameEachTime(text) }
}

/** The parameters of an address below its team, outermost first. */
const parametersOf = ({ path }: Entrance) => path.split('/').filter((part) => part.startsWith(':') && part !== ':team')

/** What no team has: an id, a slug or a number, as the parameter is. */
const unknown = (like: string) =>
  /^\d+$/.test(like) ? '424242' : /^[0-9a-f-]{36}$/.test(like) ? nowhere() : 'no-such-thing'

const body = ({ route }: Entrance) => samplesOf(route.options.input, wordsOf(scene.rival))[0] ?? {}

describe('AZ-02, AZ-15: what is another team’s', () => {
  it('team is the same 404, to the byte, as one that is not there', async () => {
    await eachOf(ofTeams(entrances), async (entrance) => {
      const address = await scene.address(entrance, scene.rival)
      const foreign = await knock(scene, entrance, 'owner', { address, fields: body(entrance) })
      const none = address.replace('/teams/rival', '/teams/no-such-team')
      const missing = await knock(scene, entrance, 'owner', { address: none, fields: body(entrance) })

      expect(foreign.status, nameOf(entrance)).toBe(404)
      expect(seen(foreign), nameOf(entrance)).toEqual(seen(missing))
    })
  })
})

describe('AZ-03, AZ-04, AZ-15: things of another team under one’s own', () => {
  // Outside of teams: what is another person's, under one's own account.
  const deep = entrances.filter(
    (entrance) =>
      (isOfTeam(entrance) || entrance.route.options.can === 'signed-in') && parametersOf(entrance).length > 0,
  )

  it.each(deep.map((entrance) => [nameOf(entrance), entrance] as const))('%s', async (_name, entrance) => {
    const before = await allRows(scene.w)
    for (const parameter of parametersOf(entrance)) {
      const own = await scene.address(entrance)
      const theirs = await scene.address(entrance, scene.rival)
      const index = entrance.path.split('/').indexOf(parameter)
      const name = theirs.split('/')[index] ?? ''
      const ask = (other: string) => {
        const address = own.split('/').with(index, other).join('/')
        // Keys are refused before anything is looked up where one is asked who is there.
        const isPerson = entrance.route.options.stepUp !== undefined
        return knock(scene, entrance, 'owner', { address, fields: body(entrance), isPerson })
      }

      const [foreign, missing] = await Promise.all([ask(name), ask(unknown(name))])
      expect(foreign.status, `${parameter} is ${name}`).toBe(404)
      expect(seen(foreign)).toEqual(seen(missing))
    }
    expect(await allRows(scene.w)).toEqual(before)
  })

  it('are no server or site in a body either', async () => {
    const before = await allRows(scene.w)
    for (const entrance of ofTeams(entrances).filter(({ method }) => method !== 'get')) {
      const { serverId, siteId, name } = scene.rival
      for (const fields of samplesOf(entrance.route.options.input, {
        ...wordsOf(scene.acme),
        server: serverId,
        site: siteId,
      })) {
        if (!('server' in fields || 'site' in fields)) continue
        for (const server of [serverId, name]) {
          const { status } = await knock(scene, entrance, 'owner', { fields: { ...fields, server } })
          expect([404, 422], nameOf(entrance)).toContain(status)
        }
      }
    }
    expect(await allRows(scene.w)).toEqual(before)
  })
})
