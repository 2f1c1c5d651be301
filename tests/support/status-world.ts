import { TeamCtx } from '../../server/platform/access/ctx.js'
import { append } from '../../server/platform/events/append.js'
import { catchUp } from '../../server/platform/events/reader.js'
import { sendDue, statusReader } from '../../server/statuses/statuses.js'
import { type PushWorld, pushOf, pushWorld, sha, shop } from './push-world.js'
import { type Sink, startSink } from './sink.js'

/** Pushes of acme's shop, and a host that is told how their deploys go. */
export interface StatusWorld extends PushWorld {
  /** The host's API, as a real HTTP server. */
  readonly host: Sink
  readonly siteId: string
  readonly connectionId: string
  /** Connects the repository of that kind of host, with a token, and makes the site. Returns the webhook's secret. */
  begin(kind?: 'github' | 'gitlab' | 'gitea'): Promise<string>
  /** A push that deploys, told by its webhook. */
  push(secret: string, letter: string): Promise<void>
  /** As the worker tells of a deploy. */
  happens(
    type: 'began' | 'succeeded' | 'failed' | 'cancelled',
    deploy: number,
    letter: string,
    why?: string,
  ): Promise<void>
  /** Reads the log and sends what is due. */
  turn(): Promise<void>
  /** What the host was sent, in order: method, path and body. */
  sent(): [string, string, Record<string, unknown>][]
  rows(): Promise<{ state: string; kind: string; outcome: string | null; attempts: number; why: string | null }[]>
  fault(): Promise<string | null>
}

export const hostToken = 'host-token-canary-0123456789'

export async function statusWorld(): Promise<StatusWorld> {
  const w = await pushWorld()
  const host = await startSink()
  let site = { id: '', slug: '' }
  let connectionId = ''
  const calm = new AbortController().signal

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
      return site.id
    },
    get connectionId() {
      return connectionId
    },
    begin: async (kind = 'github') => {
      site = await w.site({ slug: 'shop', name: 'Shop' })
      const secret = await w.connect(shop, kind)
      connectionId = (await w.test.query<{ id: string }>('select id from repository_connections'))[0]?.id ?? ''
      const body = { token: hostToken, apiUrl: host.url }
      const { status } = await w.api('developer', 'PUT', `/connections/${connectionId}/token`, body)
      if (status !== 200) throw new Error(`The token was refused: ${status}`)
      return secret
    },
    push: async (secret, letter) => {
      await w.deliver(secret, pushOf({ after: sha(letter) }))
      await w.judgeAll()
    },
    happens: async (type, deploy, letter, why) => {
      if (type === 'began')
        await w.test.query('update deploys set commit_sha = $2 where site_id = $1 and number = $3', [
          ...[site.id, sha(letter), deploy],
        ])
      await TeamCtx.system(w.services, w.acme).transaction((tx) =>
        append(tx, {
          type: `deploy.${type}`,
          subject: { kind: 'site', id: site.id },
          data: { deploy, commit: sha(letter), ...(why && { why }) },
        }),
      )
    },
    turn: async () => {
      await catchUp(w.services.db, statusReader(w.services))
      await sendDue(w.services, calm)
    },
    sent: () => host.requests.map(({ method, url, body }) => [method, url, body === '' ? {} : JSON.parse(body)]),
    rows: () => w.test.query('select state, kind, outcome, attempts, why from commit_statuses order by sequence, id'),
    fault: async () =>
      (await w.test.query<{ fault: string | null }>('select statuses_fault as fault from repository_connections'))[0]
        ?.fault ?? null,
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
