import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askPullRequestsHandler } from '../../jobs/previews/ask-pull-requests.js'
import { minutes } from '../support/clock.js'
import { githubDescription } from '../support/github-description.js'
import { type PreviewWorld, previewWorld, pullOf } from '../support/preview-world.js'
import { sha } from '../support/push-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())

/** What the host says of the pull request, once it is asked. */
let now: Record<string, unknown> | number
beforeEach(async () => {
  await w.reset()
  now = {}
  w.host.answer = ({ url }, res) => {
    if (url?.includes('/comments')) return res.end('[]')
    if (typeof now === 'number') return res.writeHead(now).end('{}')
    res.end(JSON.stringify(pullOf({ at: 9, ...now }).pull_request))
  }
})

const ask = () => askPullRequestsHandler.run({}, { services: w.services, signal: new AbortController().signal })
const asked = () => w.host.requests.filter(({ url }) => url?.includes('/pulls/'))

/** A preview that is there, and nobody has told of its pull request for five minutes. */
async function begin(): Promise<void> {
  const key = await w.begin()
  await w.giveToken()
  await w.pull(key)
  await w.turn()
  w.clock.advance(minutes(5))
}

describe('a pull request that nobody tells of', () => {
  it('is asked after, and its preview goes when it was closed meanwhile', async () => {
    await begin()
    now = { state: 'closed' }

    await ask()
    await w.turn()

    expect(await w.copies()).toMatchObject([{ slug: 'shop-pr-12', going: true }])
    expect(asked().map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /repos/acme/shop/pulls/12'])
    // A closed one is not asked after again.
    w.clock.advance(minutes(60))
    await ask()
    expect(asked()).toHaveLength(1)
  })

  it('gets the commit that was pushed meanwhile; of a fork only once somebody approved it', async () => {
    await begin()
    now = { letter: 'd' }
    await ask()
    await w.turn()
    expect(await w.copies()).toMatchObject([{ pinned_commit: sha('d'), going: false }])

    now = { letter: 'e', repo: 2 }
    w.clock.advance(minutes(5))
    await ask()
    await w.turn()
    expect(await w.copies()).toMatchObject([{ pinned_commit: sha('d') }])
    expect(await w.previews()).toMatchObject([{ state: 'waits-for-approval' }])
  })

  it('stays as it is where the answer says nothing new, nothing at all, or of another one', async () => {
    await begin()
    const before = await w.test.query('select * from previews')
    for (const answer of [{}, 404, 401, 500, { number: 13, letter: 'd' }, { state: 'closed', at: 0 }, { head: null }]) {
      now = answer
      await ask()
      w.clock.advance(minutes(5))
    }

    const after = await w.test.query('select * from previews')
    expect(asked()).toHaveLength(7)
    expect(after.map((row) => ({ ...row, ask_at: null }))).toEqual(before.map((row) => ({ ...row, ask_at: null })))
  })

  it('is asked after once in five minutes, and not right after it was told of', async () => {
    const key = await w.begin()
    await w.giveToken()
    await w.pull(key)
    await ask()
    expect(asked()).toEqual([])

    w.clock.advance(minutes(5))
    await Promise.all([ask(), ask()])
    expect(asked()).toHaveLength(1)
  })

  it('is not asked after without a token', async () => {
    await w.pull(await w.begin())
    w.clock.advance(minutes(5))

    await ask()

    expect(w.host.requests).toEqual([])
  })

  it('is asked after as its published description says', async () => {
    const faultsOf = githubDescription()
    await begin()
    await ask()

    expect(asked().flatMap(({ method, url, body }) => faultsOf(method, url, body))).toEqual([])
  })
})
