import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fakeGitea, fakeGitlab } from '../support/fake-lists.js'
import { type PushWorld, pushWorld } from '../support/push-world.js'
import { type Sink, startSink } from '../support/sink.js'

let w: PushWorld
let host: Sink
beforeAll(async () => {
  w = await pushWorld()
  host = await startSink()
})
afterAll(async () => {
  await host.close()
  await w.close()
})
beforeEach(async () => {
  await w.reset()
  host.requests.length = 0
})

const token = 'glpat-canary0123456789'
const names = (count: number) => Array.from({ length: count }, (_, at) => `acme/lib-${String(at).padStart(2, '0')}`)
const of = (domain: string, all: readonly string[], isPrivate = true) =>
  all.map((name) => ({ name, url: `https://${domain}/${name}.git`, isPrivate }))

/** Connects a repository of that host, and gives it the token. */
const give = async (
  kind: 'gitlab' | 'gitea' | 'github',
  domain: string,
  fields: object = { offersRepositories: true },
) => {
  await w.connect(`https://${domain}/acme/shop.git`, kind)
  const { connections } = (await w.api('developer', 'GET', '/connections')).json
  const id: string = connections.find((one: { repository: string }) => one.repository.startsWith(domain)).id
  const body = { token, apiUrl: `${host.url}${prefix}`, ...fields }
  return { id, answer: await w.api('developer', 'PUT', `/connections/${id}/token`, body) }
}
const prefix = '/git/api'
const list = (query = '') => w.api('developer', 'GET', `/sites/new/repositories${query}`)
const page = async (path: string) => (await w.panel.browser(w.people.developer.cookie).get(`/teams/acme${path}`)).text

describe('repositories that a token lists', () => {
  it('are those of GitLab that its owner is a member of, a page at a time, and found by name', async () => {
    host.answer = fakeGitlab({ token, prefix, repositories: of('gitlab.com', [...names(25), 'acme/shop']) })
    const { id } = await give('gitlab', 'gitlab.com')

    const first = (await list()).json
    expect(first.repositories).toHaveLength(20)
    expect(first.repositories[0]).toEqual({
      ...{ name: 'acme/lib-00', url: 'https://gitlab.com/acme/lib-00.git', isPrivate: true },
      ...{ defaultBranch: 'main', seenBy: 'gitlab.com' },
    })
    expect(first).toMatchObject({ nextPage: 2, fault: null, sources: [{ connection: id, label: 'gitlab.com' }] })
    expect((await list('?page=2')).json).toMatchObject({ repositories: { length: 6 }, nextPage: null })
    expect((await list(`?connection=${id}&search=sho`)).json.repositories).toMatchObject([{ name: 'acme/shop' }])
  })

  it('are those of Gitea and Forgejo that its owner works with, and not everybody’s', async () => {
    host.answer = fakeGitea({ token, prefix, repositories: of('codeberg.org', names(21), false) })
    await give('gitea', 'codeberg.org')

    expect((await list()).json).toMatchObject({ repositories: { length: 20 }, nextPage: 2, fault: null })
    expect((await list('?search=lib-20')).json.repositories).toMatchObject([{ name: 'acme/lib-20', isPrivate: false }])
    expect(host.requests.map(({ url }) => url.split('?')[0])).toEqual(
      [1, 2].flatMap(() => [`${prefix}/user`, `${prefix}/repos/search`]),
    )
  })

  it('lead to a new site with the address, and with a way in that a private one needs', async () => {
    host.answer = fakeGitlab({
      ...{ token, prefix },
      repositories: [...of('gitlab.com', ['acme/shop']), ...of('gitlab.com', ['acme/open'], false)],
    })
    await give('gitlab', 'gitlab.com')

    const choosing = await page('/sites/new/repositories')
    expect(await page('/sites/new')).toContain('Choose from a list')
    const links = [...choosing.matchAll(/main-cell"><a href="([^"]+)"/g)].map(([, href = '']) =>
      href.replaceAll('&amp;', '&').replace('/teams/acme', ''),
    )
    const [hidden, open] = await Promise.all(links.map(page))

    expect(hidden).toContain('value="https://gitlab.com/acme/shop.git"')
    expect(hidden).toMatch(/value="token" checked/)
    expect(open).toContain('value="https://gitlab.com/acme/open.git"')
    expect(open).toMatch(/value="none" checked/)
    expect(choosing + hidden).not.toContain('canary')
  })

  it('are of its own host: another’s address, and what cannot be read, are left out', async () => {
    const strange = of('evil.example', ['acme/shop'])
    const odd = [{ name: '', url: 'https://gitlab.com/x', isPrivate: true }]
    host.answer = fakeGitlab({ token, prefix, repositories: [...strange, ...odd, ...of('gitlab.com', ['acme/shop'])] })
    await give('gitlab', 'gitlab.com')

    expect((await list()).json.repositories).toMatchObject([{ url: 'https://gitlab.com/acme/shop.git' }])
  })

  it('say so where there are none, and where none is called so', async () => {
    host.answer = fakeGitlab({ token, prefix, repositories: [] })
    expect(await page('/sites/new/repositories')).toContain('No host lists its repositories')
    await give('gitlab', 'gitlab.com')

    expect(await page('/sites/new/repositories')).toContain('The token works with no repository')
    expect(await page('/sites/new/repositories?search=x')).toContain('No repository is called so')
  })

  it('can be of several hosts, one beside the other', async () => {
    host.answer = fakeGitlab({ token, prefix, repositories: of('gitlab.com', ['acme/shop']) })
    await give('gitlab', 'gitlab.com')
    const { id } = await give('gitea', 'codeberg.org')

    expect((await list()).json.sources.map(({ label }: { label: string }) => label)).toEqual([
      'codeberg.org',
      'gitlab.com',
    ])
    const second = await page(`/sites/new/repositories?connection=${id}`)
    expect(second).toMatch(/aria-current="page">codeberg.org/)
    expect(second).toContain('codeberg.org does not accept the token')
  })
})
