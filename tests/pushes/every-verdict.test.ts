import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verdicts } from '../../server/pushes/rules.js'
import { verdictWords } from '../../server/pushes/words.js'
import { insert } from '../support/make.js'
import { pullOf } from '../support/preview-world.js'
import { type PushWorld, pushOf, pushWorld, sha } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())

/** Sites that a push on main is deployed to, or not, each for a reason of its own. */
async function makeSites(): Promise<void> {
  const later = new Date(w.clock.now().getTime() + 3600_000)
  await w.site({ slug: 'open' })
  await w.site({ slug: 'live', branch: 'live' })
  await w.site({ slug: 'off', auto_deploy: false })
  await w.site({ slug: 'unpaid', state: 'suspended', state_reason: 'Invoice 7 is unpaid' })
  await w.site({ slug: 'frozen', frozen_until: later, frozen_reason: 'Sale of the year' })
  await w.site({ slug: 'api', watched_paths: ['apps/api/'] })
  const previewed = await w.site({ slug: 'previewed', auto_deploy: false })
  const settings = { site_id: previewed.id, team_id: w.acme.id, is_on: true, most: 1, kept_days: 7 }
  await insert(w.test, 'preview_settings', settings)
}

async function pushEverything(secret: string): Promise<void> {
  const skipped = { id: sha('c'), message: 'Docs [skip ci]' }
  const pushes = [
    pushOf(),
    pushOf({ after: sha('b') }),
    pushOf({ after: sha('c'), head_commit: skipped }),
    pushOf({ ref: 'refs/tags/v1' }),
    pushOf({ after: sha('0'), deleted: true }),
  ]
  for (const push of pushes) await w.deliver(secret, push)
  await w.judgeAll()
  await w.deliver(secret, pushOf({ after: sha('b') }))
  const pulls = [
    pullOf(),
    pullOf(),
    pullOf({ number: 13, repo: 2 }),
    pullOf({ number: 14, state: 'closed' }),
    pullOf({ number: 15, letter: 'e' }),
  ]
  for (const pull of pulls) {
    await w.deliver(secret, pull, { 'x-github-event': 'pull_request' })
    await w.judgeAll()
    await makePreviewsOfWhatWaits()
  }
}

/** As the worker makes them; what a preview is made of does not matter here. */
async function makePreviewsOfWhatWaits(): Promise<void> {
  const waiting = await w.test.query(
    'select id, site_id, number from previews where is_open and not is_fork and preview_site_id is null order by number limit 1',
  )
  const made = await w.test.query('select 1 from sites where preview_of is not null')
  for (const { id, site_id, number } of made.length === 0 ? waiting : []) {
    const copy = await w.site({ slug: `previewed-pr-${number}`, preview_of: site_id, auto_deploy: false })
    await w.test.query('update previews set preview_site_id = $1, deployed_commit = head_commit where id = $2', [
      copy.id,
      id,
    ])
  }
}

describe('the inbox', () => {
  it('explains an example of every verdict, and of what was refused', async () => {
    await makeSites()
    const secret = await w.connect()
    await w.site({ slug: 'unknown', repository_url: 'https://github.com/acme/unknown.git' })

    await pushEverything(secret)
    expect((await w.deliver('a guess', pushOf())).status).toBe(401)
    const unknown = pushOf({ repository: { clone_url: 'https://github.com/acme/unknown.git' } })
    expect((await w.deliver('a guess', unknown)).status).toBe(401)

    const told = new Set((await w.verdicts()).map(({ verdict }) => verdict))
    expect(verdicts.filter((verdict) => !told.has(verdict))).toEqual([])
    const { text } = await w.panel.browser(w.people.viewer.cookie).get('/teams/acme/deliveries?limit=100')
    const shown = text.replaceAll('&#39;', "'")
    expect(verdicts.filter((verdict) => !shown.includes(verdictWords[verdict].text))).toEqual([])
    expect(shown).toContain('Invoice 7 is unpaid')
    expect(shown).toContain('Sale of the year')
    expect(shown).toMatch(/github.com\/acme\/shop: 1 delivery refused.*The signature was wrong/s)
    expect(shown).toMatch(/github.com\/acme\/unknown: 1 delivery refused.*the repository is not connected/s)
  })
})
