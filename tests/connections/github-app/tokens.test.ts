import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostTokenFor } from '../../../server/connections/connections.js'
import { minutes } from '../../support/clock.js'
import { type GithubWorld, githubWorld } from '../../support/github-world.js'
import type { Name } from '../../support/people.js'

let w: GithubWorld
beforeAll(async () => {
  w = await githubWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const key = 'github.com/acme/shop'
const asked = () => w.github.sink.requests.filter(({ url }) => url.endsWith('/access_tokens'))
const begin = async () => {
  await w.site({ slug: 'shop' })
  const made = await w.ofGithubCom('acme/shop', 'acme/blog')
  w.github.sink.requests.length = 0
  return made
}
const speaker = async (repository = key, name: Name = 'developer') =>
  hostTokenFor(await w.ctx(name), repository, new AbortController().signal)
const tokenFor = async (repository = key) => (await speaker(repository))?.token.reveal()

describe('the token with which a repository’s host is spoken to', () => {
  it('comes from the installation, for that repository alone, and is the same until shortly before it expires', async () => {
    await begin()

    const first = await tokenFor()
    w.clock.advance(minutes(39))
    expect(await tokenFor()).toBe(first)
    expect(asked()).toHaveLength(1)
    w.clock.advance(minutes(2))
    const second = await tokenFor()

    expect(second).not.toBe(first)
    expect(asked().map(({ body }) => JSON.parse(body))).toEqual(
      Array(2).fill({ repository_ids: [w.github.idOf('acme/shop')] }),
    )
    expect(await speaker()).toMatchObject({
      ...{ host: 'github', repository: 'acme/shop', base: `${w.github.url}/api/v3` },
    })
    expect(w.github.faults()).toEqual([])
  })

  it('is sealed, and no text of it is in any row', async () => {
    await begin()
    const token = (await tokenFor()) ?? ''

    const rows = await w.test.query<{ token_sealed: string }>('select token_sealed from github_tokens')
    expect(token).toMatch(/^ghs_canary/)
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('canary')
  })

  it('is asked for once, however many want it at the same moment', async () => {
    await begin()

    const all = await Promise.all(Array.from({ length: 12 }, () => tokenFor()))

    expect(new Set(all).size).toBe(1)
    expect(asked()).toHaveLength(1)
  })

  it('is asked for again at once after a failure, and says why there is none', async () => {
    const { installation } = await begin()
    installation.suspended = true

    await expect(tokenFor()).rejects.toThrow('GitHub does not let the app ask for a token for its repositories')
    installation.suspended = false
    expect(await tokenFor()).toMatch(/^ghs_/)
  })

  it('is the one that somebody gave to the connection, where there is one', async () => {
    await begin()
    const [{ id }] = (await w.api('developer', 'GET', '/connections')).json.connections
    const given = { token: 'github_pat_of_a_person', apiUrl: w.github.url }
    await w.api('developer', 'PUT', `/connections/${id}/token`, given)

    expect(await tokenFor()).toBe('github_pat_of_a_person')
    expect(asked()).toEqual([])
  })

  it('is not there for a repository that no installation reaches, nor for another team', async () => {
    await begin()
    await w.site({ slug: 'other', repository_url: 'https://github.com/acme/other.git' })

    expect(await tokenFor('github.com/acme/other')).toBeUndefined()
    expect(await speaker(key, 'stranger')).toBeNull()
  })
})
