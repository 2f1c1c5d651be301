import type { ServerResponse } from 'node:http'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askPullRequestsHandler } from '../../jobs/previews/ask-pull-requests.js'
import { minutes } from '../support/clock.js'
import { githubDescription } from '../support/github-description.js'
import { needs } from '../support/parts.js'
import { type PreviewWorld, previewWorld, pullOf } from '../support/preview-world.js'
import { sha } from '../support/push-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())

/** What the host says of the pull request, once it is asked. */
let now: Record<string, unknown> | number
let headers: Record<string, string>
beforeEach(async () => {
  await w.reset()
  now = {}
  headers = {}
  w.host.answer = ({ url }, res) => {
    if (url?.includes('/comments')) return res.end('[]')
    if (typeof now === 'number') return res.writeHead(now, headers).end('{}')
    const number = Number(url?.split('/').at(-1))
    res.end(JSON.stringify(pullOf({ at: 9, number, ...now }).pull_request))
  }
})

const ask = () => askPullRequestsHandler.run({}, { services: w.services, signal: new AbortController().signal })
const numbers = () => asked().map(({ url }) => url.split('/').at(-1))
const asked = () => w.host.requests.filter(({ url }) => url?.includes('/pulls/'))

/** A preview that is there, and nobody has told of its pull request for five minutes. */
async function begin(): Promise<string> {
  const key = await w.begin()
  await w.giveToken()
  await w.pull(key)
  await w.turn()
  w.clock.advance(minutes(5))
  return key
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
      w.clock.advance(minutes(60))
    }

    const after = await w.test.query('select * from previews')
    expect(asked()).toHaveLength(7)
    const known = (row: object) => ({ ...row, ask_at: null, ask_failures: null })
    expect(after.map(known)).toEqual(before.map(known))
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

  it('is not asked after while nobody wants its preview, and again once somebody does', async () => {
    const key = await begin()
    await w.pull(key, { number: 13, repo: 2 })
    await w.api('developer', 'DELETE', '/sites/shop/previews/12')
    w.clock.advance(minutes(5))
    await ask()
    expect(asked()).toEqual([])

    await w.api('developer', 'PUT', '/sites/shop/previews/12')
    const switched = (isOn: boolean) =>
      w.api('developer', 'PUT', '/sites/shop/previews', { isOn, most: 5, keptDays: 14 })
    await switched(false)
    await ask()
    await switched(true)
    await w.test.query("update sites set state = 'archived' where slug = 'shop'")
    await ask()
    await w.test.query("update sites set state = 'active', delete_requested_at = now() where slug = 'shop'")
    await ask()
    expect(asked()).toEqual([])

    await w.test.query("update sites set delete_requested_at = null where slug = 'shop'")
    await ask()
    expect(numbers()).toEqual(['12'])
    await w.api('developer', 'PUT', '/sites/shop/previews/13/approval', { commit: sha('b') })
    await ask()
    expect(numbers()).toEqual(['12', '13'])
  })

  it('leaves the host alone as long as it asks for, with all of that repository, whatever is told meanwhile', async () => {
    const key = await begin()
    for (const number of [13, 14, 15]) await w.pull(key, { number })
    w.clock.advance(minutes(5))
    now = 429
    headers = { 'retry-after': '3600' }
    await ask()
    expect(asked()).toHaveLength(1)

    now = {}
    await w.pull(key, { letter: 'c', at: 2 })
    w.clock.advance(minutes(59))
    await ask()
    expect(asked()).toHaveLength(1)

    w.clock.advance(minutes(1))
    await ask()
    expect(asked()).toHaveLength(5)
  })

  it.each([
    [500, 1],
    [401, 1],
    [403, 1],
    [429, 1],
    [404, 2],
    [410, 2],
    [200, 2],
  ])('is asked after more and more seldom where a %i says nothing; of two in that turn %i', async (status, count) => {
    const key = await begin()
    await w.pull(key, { number: 13 })
    w.clock.advance(minutes(5))
    now = status
    await ask()
    expect(asked()).toHaveLength(count)

    await w.test.query('delete from previews where number <> $1', [numbers()[0]])
    const waits: number[] = []
    for (let waited = 0; waits.length < 6; waited++) {
      const before = asked().length
      w.clock.advance(minutes(1))
      await ask()
      if (asked().length === before) continue
      waits.push(waited + 1)
      waited = -1
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60])

    now = {}
    w.clock.advance(minutes(60))
    await ask()
    w.clock.advance(minutes(5))
    await ask()
    expect(asked()).toHaveLength(count + 8)
  })

  it('is asked after while the host of another repository is slow', async () => {
    const key = await begin()
    const other = 'https://github.com/acme/other.git'
    await w.site({ slug: 'other', repository_url: other })
    await w.api('developer', 'PUT', '/sites/other/previews', { isOn: true, most: 5, keptDays: 14 })
    const keyOfOther = await w.connect(other)
    const { connections } = (await w.api('developer', 'GET', '/connections')).json
    for (const { id } of connections)
      await w.api('developer', 'PUT', `/connections/${id}/token`, { token: 'another', apiUrl: w.host.url })
    const { repository: _repository, ...told } = pullOf()
    const repository = { clone_url: other, ssh_url: 'git@github.com:acme/other.git', html_url: other }
    await w.deliver(keyOfOther, { ...told, repository }, { 'x-github-event': 'pull_request' })
    await w.judgeAll()
    await w.pull(key, { letter: 'c', at: 2 })
    w.clock.advance(minutes(5))
    const waiting: ServerResponse[] = []
    let together = 0
    w.host.answer = (_req, res) => {
      waiting.push(res)
      // Neither is answered before the other has been asked.
      if (waiting.length < 2) return
      together = waiting.filter(({ destroyed }) => !destroyed).length
      for (const one of waiting) one.end('{}')
    }

    await ask()

    expect(together).toBe(2)
  })

  it('is a line in the log and no stack where the host is out of reach', async () => {
    const lines: Record<string, unknown>[] = []
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const key = await w.begin()
    await w.giveToken()
    await w.pull(key)
    await w.test.query('update repository_connections set api_url = $1', ['http://127.0.0.1:1'])
    w.clock.advance(minutes(5))

    await askPullRequestsHandler.run({}, { services: { ...w.services, log }, signal: new AbortController().signal })

    expect(lines).toMatchObject([{ why: expect.stringContaining('Could not speak with 127.0.0.1') }])
    expect(lines[0]).not.toHaveProperty('err')
  })

  it('is not asked after without a token', async () => {
    await w.pull(await w.begin())
    w.clock.advance(minutes(5))

    await ask()

    expect(w.host.requests).toEqual([])
  })
})

describe.skipIf(!needs('github-description'))('GitHub', () => {
  it('is asked as its published description says', async () => {
    const faultsOf = githubDescription()
    await begin()
    await ask()

    expect(asked()).toHaveLength(1)
    expect(asked().flatMap(({ method, url, body }) => faultsOf(method, url, body))).toEqual([])
  })
})
