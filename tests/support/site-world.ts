import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createHosts } from '../../server/platform/ssh/hosts.js'
import type { TestRepository } from './git-repository.js'
import { type GitServer, startGitServer } from './git-server.js'
import { makeServer } from './make.js'
import { type Browser, startTestPanel, type TestPanel } from './panel.js'
import { type Answer, askApi } from './panel-world.js'
import { type Name, type World, world } from './people.js'

/** The people, the whole panel, a Git server, and this machine as a server of acme that is ready. */
export interface SiteWorld extends World {
  panel: TestPanel
  git: GitServer
  folder: string
  server: { id: string; slug: string }
  api(name: Name, method: string, path: string, body?: unknown): Promise<Answer>
  browser(name: Name): Browser
}

export async function siteWorld(): Promise<SiteWorld> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hostler-sites-'))
  const git = await startGitServer()
  const hosts = createHosts(async () => ({ kind: 'local', name: 'this machine', root: folder }))
  const w = await world()
  Object.assign(w.services, { hosts, config: { ...w.services.config, gitProtocols: git.protocols } })
  const panel = await startTestPanel(w)
  const addServer = () => makeServer(w.test, w.acme, { name: 'web-1', root: folder })
  let server = await addServer()

  return {
    ...w,
    get people() {
      return w.people
    },
    get server() {
      return server
    },
    panel,
    git,
    folder,
    api: (name, method, route, body) => askApi(panel, w.people[name], method, route, body),
    browser: (name) => panel.browser(w.people[name].cookie),
    reset: async () => {
      await w.test.query('delete from operations')
      await w.test.query('delete from sites')
      await w.test.query('delete from servers')
      await w.reset()
      server = await addServer()
    },
    close: async () => {
      await panel.close()
      await git.stop()
      await hosts.close()
      await w.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The same with a repository to make sites of. */
export interface ShopWorld extends SiteWorld {
  repository: TestRepository
  /** A site of it with every field given, so that nobody is asked; `body` changes them. */
  create(body: object): Promise<Answer>
  change(slug: string, body: object, name?: Name): Promise<Answer>
  /** The only site's. */
  row(): Promise<Record<string, unknown> | undefined>
}

export const wholeSite = {
  branch: 'main',
  stack: 'node',
  buildCommand: null,
  startCommand: 'npm start',
  deploy: 'later',
}

export async function shopWorld(): Promise<ShopWorld> {
  const w = await siteWorld()
  const repository = await w.git.makeRepository({ files: nodeApp, isPublic: true, name: 'acme/shop' })
  return {
    ...w,
    get people() {
      return w.people
    },
    get server() {
      return w.server
    },
    repository,
    create: (body) => {
      const made = { server: w.server.slug, repositoryUrl: repository.httpUrl, ...wholeSite, ...body }
      return w.api('developer', 'POST', '/sites', made)
    },
    change: (slug, body, name = 'developer') => w.api(name, 'PATCH', `/sites/${slug}`, body),
    row: async () => (await w.test.query('select * from sites'))[0],
  }
}

/** A program that listens, as its repository has it. */
export const nodeApp = {
  'package.json': JSON.stringify({ name: 'shop', scripts: { start: 'node server.js', build: 'true' } }),
  'package-lock.json': '{}',
  'server.js': "require('node:http').createServer((q, a) => a.end('hello')).listen(process.env.PORT)",
}
