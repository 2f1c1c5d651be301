import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import { allRows } from '../security/rows.js'
import { watchProcesses } from '../security/watch-processes.js'
import { minutes } from '../support/clock.js'
import { startGitHttp } from '../support/git-http.js'
import { type GitServer, startGitServer } from '../support/git-server.js'
import { type GithubWorld, githubWorld } from '../support/github-world.js'
import { makeServer } from '../support/make.js'
import { nodeApp, wholeSite } from '../support/site-world.js'

/** A private repository, let into by nothing but the newest token that reads it. */
let w: GithubWorld
let git: GitServer
let host: Awaited<ReturnType<typeof startGitHttp>>
let url = ''
const folder = mkdtempSync(path.join(tmpdir(), 'hostler-app-'))
const hosts = createHosts(async () => ({ kind: 'local', name: 'this machine', root: folder }))

beforeAll(async () => {
  w = await githubWorld()
  Object.assign(w.services, { hosts, config: { ...w.services.config, gitProtocols: ['https', 'ssh', 'http'] } })
  git = await startGitServer()
  const { bare } = await git.makeRepository({ name: 'acme/shop', files: nodeApp })
  host = await startGitHttp({
    root: path.dirname(path.dirname(bare)),
    get token() {
      const id = w.github.idOf('acme/shop')
      const reads = [...w.github.tokens].filter(
        ([, { body }]) =>
          JSON.stringify(body) === JSON.stringify({ repository_ids: [id], permissions: { contents: 'read' } }),
      )
      return reads.at(-1)?.[0] ?? 'nothing is let in'
    },
    publicNames: new Set(),
    gate: async () => undefined,
  })
  url = `http://127.0.0.1:${host.port}`
}, 30_000)
afterAll(async () => {
  await w.close()
  await host.stop()
  await git.stop()
  await hosts.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => w.reset())

/** The app of a GitHub whose Git is that server. */
const installed = async (...repositories: string[]) => {
  const { id, app } = await w.connectGithub()
  await w.test.query('update github_apps set web_url = $2 where id = $1', [id, url])
  w.github.cloneBase = url
  const installation = w.github.install(app, repositories)
  await w.finishInstall('owner', installation.id, await w.startInstall(id))
  return installation
}
const shop = () => ({ server: serverSlug, repositoryUrl: `${url}/acme/shop.git`, access: 'github-app' })
let serverSlug = ''
beforeEach(async () => {
  serverSlug = (await w.test.query<{ slug: string }>('select slug from servers'))[0]?.slug ?? ''
})
const developer = () => w.panel.browser(w.people.developer.cookie)

describe('choosing a repository', () => {
  it('shows those that the app may see, a page at a time, and finds one by any part of its name', async () => {
    await installed(
      'acme/shop',
      ...Array.from({ length: 25 }, (_, index) => `acme/lib-${String(index).padStart(2, '0')}`),
    )
    const browser = developer()

    const first = await browser.get('/teams/acme/sites/new/repositories')
    expect(first.text).toContain('acme/lib-19')
    expect(first.text).not.toContain('acme/lib-20')
    expect((await browser.get('/teams/acme/sites/new/repositories?page=2')).text).toContain('acme/lib-20')
    const found = await w.api('developer', 'GET', '/sites/new/repositories?search=SHO')
    expect(found.json).toMatchObject({
      repositories: [{ name: 'acme/shop', url: `${url}/acme/shop.git`, isPrivate: true, defaultBranch: 'main' }],
      nextPage: null,
    })
    const chosen = await browser.get('/teams/acme/sites/new?repository=127.0.0.1%2Facme%2Fshop')
    expect(chosen.text).toContain(`value="${url}/acme/shop.git"`)
    expect(chosen.text).toMatch(/value="github-app" checked/)
  })

  it('says so when there are none, when none is called so, when GitHub does not answer, and when it is not connected', async () => {
    const browser = developer()
    const page = async (query = '') => (await browser.get(`/teams/acme/sites/new/repositories${query}`)).text
    expect(await page()).toContain('No host lists its repositories')
    const installation = await installed()
    expect(await page()).toContain('The app sees no repository')
    expect(await page('?search=shop')).toContain('No repository is called so')
    w.github.down(500)
    w.clock.advance(minutes(7 * 60))
    await w.refresh()
    expect(await page()).toContain('GitHub answered 500 about the installation')
    w.github.down(null)
    installation.suspended = true
    w.clock.advance(minutes(2))
    await w.refresh()
    expect(await page()).toContain('The app is suspended there')
  })

  it('is for those who may create sites, in their own team', async () => {
    await installed('acme/shop')

    expect((await w.api('viewer', 'GET', '/sites/new/repositories')).status).toBe(403)
    expect((await w.api('stranger', 'GET', '/sites/new/repositories')).json.repositories).toEqual([])
  })
})

describe('a site of a private repository, let in by the app', () => {
  it('is looked into, made and asked after with tokens that are nowhere to be seen', async () => {
    await installed('acme/shop')
    const watch = watchProcesses(2)
    watch.start()
    const looked = await w.api('developer', 'POST', '/sites/drafts', shop())
    expect(looked.json.draft, JSON.stringify(looked.json)).toMatchObject({
      access: 'github-app',
      found: { branches: ['main'] },
    })

    const made = await w.api('developer', 'POST', `/sites/drafts/${looked.json.draft.id}/site`, {
      ...wholeSite,
      name: 'Shop',
    })
    expect(made.status, JSON.stringify(made.json)).toBe(201)
    expect((await developer().get('/teams/acme/sites/shop/pushes/branches')).text).toContain('value="main"')
    watch.stop()

    expect(await w.test.query('select credential_kind, credential_sealed from sites')).toEqual([
      { credential_kind: 'github-app', credential_sealed: null },
    ])
    expect(w.github.tokens.size).toBeGreaterThan(0)
    for (const token of w.github.tokens.keys()) {
      expect(JSON.stringify(await allRows(w))).not.toContain(token)
      expect([...watch.lines].join('\n')).not.toContain(token)
    }
    expect((await w.api('viewer', 'GET', '/connections')).json.connections).toMatchObject([{ hasWebhook: false }])
  })

  it('is entered with a new token once the old one is about to expire', async () => {
    await installed('acme/shop')
    await w.api('developer', 'POST', '/sites', { ...shop(), ...wholeSite, name: 'Shop' })
    const branches = async () => (await developer().get('/teams/acme/sites/shop/pushes/branches')).text
    expect(await branches()).toContain('value="main"')
    const before = w.github.tokens.size

    w.clock.advance(minutes(50))

    expect(await branches()).toContain('value="main"')
    expect(w.github.tokens.size).toBe(before + 1)
  })

  it('says so when the app reaches it no more', async () => {
    const installation = await installed('acme/shop')
    await w.api('developer', 'POST', '/sites', { ...shop(), ...wholeSite, name: 'Shop' })
    installation.repositories = []
    w.clock.advance(minutes(7 * 60))
    await w.refresh()

    expect((await developer().get('/teams/acme/sites/shop/pushes/branches')).text).toContain(
      'No GitHub App of this team reaches acme/shop',
    )
  })

  it.each([
    ['a repository that it is not installed on', () => `${url}/acme/other.git`, 'No GitHub App of this team reaches'],
    ['another port of the same host', () => 'http://127.0.0.1:9/acme/shop.git', 'No GitHub App of this team reaches'],
    ['the same over another protocol', () => url.replace('http:', 'https:').concat('/acme/shop.git'), 'No GitHub App'],
    ['an SSH address', () => 'git@127.0.0.1:acme/shop.git', 'at the https:// address'],
  ])('SF-06: is not let in at %s, and no token is sent there', async (_name, address, why) => {
    await installed('acme/shop')
    const before = w.github.tokens.size

    const answer = await w.api('developer', 'POST', '/sites/drafts', { ...shop(), repositoryUrl: address() })

    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.json)).toContain(why)
    expect(w.github.tokens.size).toBe(before)
  })

  it('is not let in by the app of another team', async () => {
    await installed('acme/shop')

    const theirs = await makeServer(w.test, w.rival)
    const answer = await w.api('stranger', 'POST', '/sites/drafts', { ...shop(), server: theirs.slug })

    expect(answer.status).toBe(422)
    expect(JSON.stringify(answer.json)).toContain('No GitHub App of this team')
  })
})
