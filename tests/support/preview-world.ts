import { catchUp } from '../../server/platform/events/reader.js'
import { bringDue, noticeTime, previewReader, tellDue } from '../../server/previews/previews.js'
import { type PushWorld, pushWorld, sha, shop } from './push-world.js'
import { type Sink, startSink } from './sink.js'

/** Pull requests of acme's shop, and a host that takes comments. */
export interface PreviewWorld extends PushWorld {
  /** The host's API, as a real HTTP server. */
  readonly host: Sink
  readonly siteId: string
  /** Makes the site with previews switched on, and connects its repository. Returns the webhook's secret. */
  begin(settings?: Record<string, unknown>): Promise<string>
  giveToken(): Promise<void>
  /** As GitHub tells of a pull request; judged at once. */
  pull(secret: string, change?: Record<string, unknown>): Promise<void>
  /** Reads the log, and does what is due. */
  turn(): Promise<void>
  tell(): Promise<void>
  /** What the panel says of its previews. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
  previews(): Promise<any[]>
  /** Of the sites that show a pull request. */
  copies(): Promise<{ id: string; slug: string; branch: string; pinned_commit: string; going: boolean }[]>
  environment(slug: string): Promise<string[]>
}

/** As much of GitHub's payload as anything of it is read. */
export const pullOf = ({ repo = 1, letter = 'b', at = 1, ...change }: Record<string, unknown> = {}) => ({
  action: 'synchronize',
  number: 12,
  pull_request: {
    number: 12,
    title: 'Sell even more',
    state: 'open',
    user: { login: 'octocat' },
    head: { ref: 'more', sha: sha(String(letter)), repo: repo === null ? null : { id: repo } },
    base: { ref: 'main', repo: { id: 1 } },
    updated_at: `2026-01-01T00:00:0${at}Z`,
    ...change,
  },
  repository: { clone_url: shop, ssh_url: 'git@github.com:acme/shop.git', html_url: 'https://github.com/acme/shop' },
})

export async function previewWorld(): Promise<PreviewWorld> {
  const w = await pushWorld()
  const host = await startSink()
  const calm = new AbortController().signal
  let siteId = ''

  return {
    ...w,
    get people() {
      return w.people
    },
    get server() {
      return w.server
    },
    host,
    get siteId() {
      return siteId
    },
    begin: async (settings = {}) => {
      siteId = (await w.site({ slug: 'shop', name: 'Shop' })).id
      const wish = { isOn: true, most: 5, keptDays: 14, ...settings }
      const { status } = await w.api('developer', 'PUT', '/sites/shop/previews', wish)
      if (status !== 200) throw new Error(`The settings were refused: ${status}`)
      return w.connect()
    },
    giveToken: async () => {
      const [row] = await w.test.query<{ id: string }>('select id from repository_connections')
      const body = { token: 'host-token-canary-0123456789', apiUrl: host.url }
      await w.api('developer', 'PUT', `/connections/${row?.id}/token`, body)
    },
    pull: async (secret, change) => {
      const { status } = await w.deliver(secret, pullOf(change), { 'x-github-event': 'pull_request' })
      if (status !== 202) throw new Error(`The delivery was refused: ${status}`)
      await w.judgeAll()
    },
    turn: async () => {
      await catchUp(w.services.db, previewReader(w.services))
      await noticeTime(w.services)
      await bringDue(w.services, calm)
    },
    tell: async () => {
      await catchUp(w.services.db, previewReader(w.services))
      await noticeTime(w.services)
      await tellDue(w.services, calm)
    },
    previews: async () => (await w.api('developer', 'GET', '/sites/shop/previews')).json.previews,
    copies: () =>
      w.test.query(
        `select id, slug, branch, pinned_commit, delete_requested_at is not null as going from sites
         where preview_of is not null order by slug`,
      ),
    environment: async (slug) =>
      (
        await w.test.query<{ text: string }>(
          `select v.key || ' ' || v.kind || case when v.is_secret then ' secret' else '' end as text
           from environment_variables v join sites s on s.id = v.site_id where s.slug = $1 order by v.key`,
          [slug],
        )
      ).map(({ text }) => text),
    reset: async () => {
      host.requests.length = 0
      await w.reset()
    },
    close: async () => {
      await host.close()
      await w.close()
    },
  }
}
