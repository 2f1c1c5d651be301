import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { githubExamples } from '../../support/github-examples.js'
import { type GithubWorld, githubWorld } from '../../support/github-world.js'

const examples = githubExamples()

let w: GithubWorld
beforeAll(async () => {
  w = await githubWorld()
})
afterAll(() => w.close())

describe('everything that GitHub has published of its webhooks', () => {
  it('is taken from the app, also what names no repository, and only a push to a branch deploys', {
    timeout: 60_000,
  }, async () => {
    await w.site({ slug: 'hello', repository_url: 'https://github.com/Codertocat/Hello-World.git', branch: 'master' })
    const { app } = await w.ofGithubCom('Codertocat/Hello-World')
    const all = examples.flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })))

    const refused: string[] = []
    for (const { name, payload } of all) if ((await w.deliverAs(app, name, payload)).status !== 202) refused.push(name)
    await w.judgeAll()
    await w.refresh()

    expect(all.length).toBeGreaterThan(300)
    expect(refused).toEqual([])
    expect(await w.test.query('select 1 from webhook_deliveries where outcome is null')).toEqual([])
    const verdicts = await w.test.query('select verdict, count(*)::int from delivery_verdicts group by 1 order by 1')
    expect(verdicts).toEqual([
      { verdict: 'deployed', count: 1 },
      { verdict: 'folded', count: 1 },
      // Tags, pushed and deleted.
      { verdict: 'no-branch', count: 9 },
      { verdict: 'previews-off', count: 29 },
    ])
    // GitHub confirms none of the installations that they speak of.
    expect(await w.test.query('select account from github_installations')).toEqual([{ account: 'acme' }])
  })
})
