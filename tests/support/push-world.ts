import { judgeWaiting, listWaiting } from '../../server/pushes/pushes.js'
import { deliverTo } from './deliver.js'
import { makeServer, makeSite } from './make.js'
import { startTestPanel, type TestPanel } from './panel.js'
import { type Name, type World, world } from './people.js'

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
  json: any
}

/** The panel with a server of acme, and a Git host that sends what GitHub sends. */
export interface PushWorld extends World {
  panel: TestPanel
  server: { id: string }
  api(name: Name, method: string, path: string, body?: unknown): Promise<Answer>
  /** A site of acme that deploys by itself. */
  site(values?: Record<string, unknown>): Promise<{ id: string; slug: string }>
  /** Connects a repository and returns the secret of its webhook. */
  connect(url?: string, host?: string, name?: Name): Promise<string>
  /** Signed as GitHub signs; `headers` replace those that it sends. */
  deliver(secret: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Whoever looks at deliveries looks at all that wait. */
  judgeAll(): Promise<void>
  verdicts(): Promise<{ slug: string; verdict: string; detail: string | null; deploy: number | null }[]>
}

export const shop = 'https://github.com/acme/shop.git'
export const sha = (letter: string): string => letter.repeat(40)

/** As much of GitHub's payload as anything of it is read. */
export const pushOf = (change: Record<string, unknown> = {}) => ({
  ref: 'refs/heads/main',
  before: sha('0'),
  after: sha('a'),
  created: false,
  forced: false,
  commits: [{ id: sha('a'), message: 'Sell more', added: [], modified: ['apps/web/index.js'], removed: [] }],
  head_commit: { id: sha('a'), message: 'Sell more', added: [], modified: ['apps/web/index.js'], removed: [] },
  pusher: { name: 'octocat' },
  repository: { clone_url: shop, ssh_url: 'git@github.com:acme/shop.git', html_url: 'https://github.com/acme/shop' },
  ...change,
})

export async function pushWorld(): Promise<PushWorld> {
  const w = await world()
  const panel = await startTestPanel(w)
  let server = await makeServer(w.test, w.acme)

  const api: PushWorld['api'] = async (name, method, path, body) => {
    const response = await fetch(`${panel.url}/api/v1/teams/${w.people[name].team?.slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${w.people[name].apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answerOf(response)
  }

  return {
    ...w,
    get people() {
      return w.people
    },
    get server() {
      return server
    },
    panel,
    api,
    site: (values = {}) => makeSite(w.test, server, w.acme, { repository_url: shop, auto_deploy: true, ...values }),
    connect: async (url = shop, host = 'github', name = 'developer') =>
      (await api(name, 'POST', '/connections', { repositoryUrl: url, host })).json.secret,
    deliver: async (secret, body, headers = {}) => answerOf(await deliverTo(panel.url, secret, body, headers)),
    judgeAll: async () => {
      for (const connection of await listWaiting(w.services, 1000)) await judgeWaiting(w.services, connection)
    },
    verdicts: () =>
      w.test.query(
        `select s.slug, v.verdict, v.detail, d.number as deploy from delivery_verdicts v join sites s on s.id = v.site_id
         left join deploys d on d.id = v.deploy_id order by v.judged_at, s.slug`,
      ),
    reset: async () => {
      for (const table of ['repository_connections', 'refused_deliveries', 'operations', 'sites', 'servers'])
        await w.test.query(`delete from ${table}`)
      await w.reset()
      server = await makeServer(w.test, w.acme)
    },
    close: async () => {
      await panel.close()
      await w.close()
    },
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : null }
}
