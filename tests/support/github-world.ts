import { refreshDue } from '../../server/connections/connections.js'
import { type FakeApp, type FakeGithub, type FakeInstallation, startFakeGithub } from './fake-github.js'
import type { Page } from './panel.js'
import type { Name } from './people.js'
import { type Answer, type PushWorld, pushWorld } from './push-world.js'

/** Pushes of acme, and a GitHub that makes apps. */
export interface GithubWorld extends PushWorld {
  readonly github: FakeGithub
  /** To GitHub: the word that the browser comes back with. */
  start(name?: Name, fields?: Record<string, string>): Promise<string>
  /** Back from GitHub with the app that was made there. */
  finish(name: Name, code: string, state: string): Promise<Page>
  startInstall(id: string, name?: Name): Promise<string>
  finishInstall(name: Name, installationId: number | string, state: string): Promise<Page>
  /** All of it: an app of acme, as the row's id and as GitHub has it. */
  connectGithub(): Promise<{ id: string; app: FakeApp }>
  /** And an installation of it with these repositories. */
  installed(...repositories: string[]): Promise<{ id: string; app: FakeApp; installation: FakeInstallation }>
  /** Sent as GitHub sends it for an app; `headers` replace those. */
  deliverAs(
    app: Pick<FakeApp, 'id' | 'webhookSecret'>,
    event: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** As the worker asks for what is due. */
  refresh(): Promise<void>
  /** An app of github.com, installed with these repositories there, and the API of the fake. */
  ofGithubCom(...repositories: string[]): Promise<{ id: string; app: FakeApp; installation: FakeInstallation }>
  /** What the feed says, newest first. */
  told(): Promise<string[]>
}

export async function githubWorld(): Promise<GithubWorld> {
  const w = await pushWorld()
  const github = await startFakeGithub(w.clock.now)
  const at = (name: Name, path: string) => `/teams/${w.people[name].team?.slug}/github-apps${path}`
  /** Each person has one browser, so that a way back is told from another's. */
  const post = async (name: Name, path: string, fields: Record<string, string>) => {
    const browser = w.panel.browser(w.people[name].cookie)
    await browser.get(`/teams/${w.people[name].team?.slug}`)
    return browser.post(at(name, path), fields)
  }
  const stateIn = ({ text }: Page) => /state=([\w-]{43})/.exec(text)?.[1] ?? ''

  const gw: GithubWorld = {
    ...w,
    get people() {
      return w.people
    },
    get server() {
      return w.server
    },
    github,
    start: async (name = 'owner', fields = { webUrl: github.url }) => stateIn(await post(name, '/starts', fields)),
    finish: (name, code, state) => post(name, '', { code, state }),
    startInstall: async (id, name = 'owner') => stateIn(await post(name, `/${id}/install`, {})),
    finishInstall: (name, installationId, state) =>
      post(name, '/installations', { installationId: String(installationId), state }),
    connectGithub: async () => {
      const { app, code } = github.madeApp()
      const answer = await gw.finish('owner', code, await gw.start())
      const id = /github-apps\/([\w-]{36})$/.exec(answer.headers.get('location') ?? '')?.[1]
      if (!id) throw new Error(`GitHub was not connected: ${answer.status}`)
      return { id, app }
    },
    installed: async (...repositories) => {
      const { id, app } = await gw.connectGithub()
      const installation = github.install(app, repositories)
      const answer = await gw.finishInstall('owner', installation.id, await gw.startInstall(id))
      if (answer.status !== 303) throw new Error(`The app was not installed: ${answer.status}`)
      return { id, app, installation }
    },
    deliverAs: (app, event, body, headers = {}) =>
      w.deliver(app.webhookSecret, body, {
        'x-github-event': event,
        'x-github-hook-installation-target-type': 'integration',
        'x-github-hook-installation-target-id': String(app.id),
        ...headers,
      }),
    refresh: () => refreshDue(w.services, new AbortController().signal),
    ofGithubCom: async (...repositories) => {
      const { id, app } = await gw.connectGithub()
      await w.test.query("update github_apps set host = 'github.com' where id = $1", [id])
      github.cloneBase = 'https://github.com'
      const installation = github.install(app, repositories)
      const answer = await gw.finishInstall('owner', installation.id, await gw.startInstall(id))
      if (answer.status !== 303) throw new Error(`The app was not installed: ${answer.status}`)
      return { id, app, installation }
    },
    told: async () => (await w.api('viewer', 'GET', '/activity')).json.items.map(({ text }: { text: string }) => text),
    reset: async () => {
      github.down(null)
      github.cloneBase = github.url
      github.sink.requests.length = 0
      await w.test.query('delete from github_apps')
      await w.reset()
    },
    close: async () => {
      await github.close()
      await w.close()
    },
  }
  return gw
}
