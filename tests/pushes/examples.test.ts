import published from '@octokit/webhooks-examples'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mentionedRepositories } from '../../server/pushes/mentioned.js'
import { type PushWorld, pushWorld } from '../support/push-world.js'

/** `as`: the package is a list, but its types say that it has one. */
const examples = published as unknown as readonly { name: string; examples: readonly object[] }[]

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

describe('WH-09: a payload that was bent', () => {
  it('is never answered with a 500, nor does it end the worker', { timeout: 30_000 }, async () => {
    await w.reset()
    await w.site()
    const secret = await w.connect()
    const whole = { ref: 'refs/heads/main', after: 'a'.repeat(40), commits: [], head_commit: null, pusher: null }
    const repository = { clone_url: 'https://github.com/acme/shop.git' }
    const odd = [null, 0, 1e308, '', '\u0000', '\ud800', 'x'.repeat(5000), [], {}, [null], { id: {} }, true, '$(id)']
    const bent = Object.keys(whole).flatMap((field) => odd.map((value) => ({ ...whole, [field]: value, repository })))

    const answers = await Promise.all(bent.map((payload) => w.deliver(secret, payload)))
    await w.judgeAll()

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(await w.test.query('select 1 from webhook_deliveries where outcome is null')).toEqual([])
    const text = 'Ordinary text with ;$(touch /tmp/pwn) `id` and \u0000'
    const push = { ...whole, head_commit: { id: 'b'.repeat(40), message: text }, after: 'b'.repeat(40), repository }
    expect((await w.deliver(secret, push)).status).toBe(202)
    await w.judgeAll()
    expect(await w.test.query('select 1 from webhook_deliveries where outcome is null')).toEqual([])
  })
})
