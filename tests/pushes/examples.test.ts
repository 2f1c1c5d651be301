import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mentionedRepositories } from '../../server/pushes/mentioned.js'
import { githubExamples } from '../support/github-examples.js'
import { type PushWorld, pushWorld } from '../support/push-world.js'

const examples = githubExamples()

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())

describe('everything that GitHub has published of its webhooks', () => {
  it('is taken where it names a repository, and only a push to a branch deploys', { timeout: 30_000 }, async () => {
    const url = 'https://github.com/Codertocat/Hello-World.git'
    await w.site({ slug: 'hello', repository_url: url, branch: 'master' })
    const secret = await w.connect(url)
    const all = examples.flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })))
    const isOurs = ({ payload }: { payload: object }) =>
      mentionedRepositories(JSON.stringify(payload)).includes('github.com/codertocat/hello-world')
    const ours = all.filter(isOurs)

    const answers: [string, number][] = []
    for (const { name, payload } of ours)
      answers.push([name, (await w.deliver(secret, payload, { 'x-github-event': name })).status])
    await w.judgeAll()

    expect(ours.length).toBeGreaterThan(200)
    expect(answers.filter(([, status]) => status !== 202)).toEqual([])
    const verdicts = await w.test.query('select verdict, count(*)::int from delivery_verdicts group by 1 order by 1')
    expect(verdicts).toEqual([
      { verdict: 'deployed', count: 1 },
      { verdict: 'folded', count: 1 },
      // Tags, pushed and deleted.
      { verdict: 'no-branch', count: 9 },
      { verdict: 'previews-off', count: 29 },
    ])
    expect(await w.test.query('select number from deploys')).toEqual([{ number: 1 }])
  })

  it('is refused, and not believed, where it names none: nobody’s secret can be tried', async () => {
    const { payload } = { payload: { action: 'created', installation: { id: 1 }, sender: { login: 'octocat' } } }

    expect((await w.deliver('a secret', payload, { 'x-github-event': 'installation' })).status).toBe(401)
  })
})
