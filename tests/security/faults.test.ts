import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nameOf, reading } from './entrances.js'
import { knock } from './knock.js'
import { type Scene, startScene } from './scene.js'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.close())

/** Nothing of these is for the eyes of whoever asked: code, SQL, names of tables, folders of this machine. */
const inside = [
  /\bat .+:\d+:\d+/,
  /node_modules|\.ts\b|\.njk\b|\/server\//,
  /\b(select|insert into|update|delete from) ["\w]+/i,
  /relation|permission denied|schema|postgres/i,
  /_broken/,
]

describe('LG-02: when something inside is broken', () => {
  it.each([
    [
      'every table of sites is gone',
      'alter table sites rename to sites_broken',
      'alter table sites_broken rename to sites',
    ],
    [
      'every table of servers is gone',
      'alter table servers rename to servers_broken',
      'alter table servers_broken rename to servers',
    ],
    [
      'nobody can be looked up',
      'alter table memberships rename to memberships_broken',
      'alter table memberships_broken rename to memberships',
    ],
  ])('%s: says a reference and nothing of what is inside', async (_why, damage, repair) => {
    await Promise.all(reading.map((entrance) => scene.address(entrance)))
    await scene.w.test.query(damage)
    const statuses: number[] = []
    for (const entrance of reading) {
      const { status, text } = await knock(scene, entrance, 'owner')
      statuses.push(status)
      if (status < 500) continue
      // A page names its own style sheets and scripts.
      const said = text.replaceAll(/<(link|script)[^>]*>/g, '')
      expect([nameOf(entrance), inside.filter((what) => what.test(said))]).toEqual([nameOf(entrance), []])
      expect(said).toMatch(/[2-9A-HJ-NP-Z]{5}/)
    }
    await scene.w.test.query(repair)

    expect(statuses.filter((status) => status === 500).length).toBeGreaterThan(3)
  })
})
