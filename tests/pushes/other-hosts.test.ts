import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PushWorld, pushWorld, sha } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const commit = { id: sha('a'), message: 'Sell more', added: [], modified: ['index.js'], removed: [] }
const pushed = { ref: 'refs/heads/main', before: sha('b'), after: sha('a'), commits: [commit] }
const hmac = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex')

interface Sender {
  host: string
  url: string
  event: string
  push: object
  /** How it tells which delivery it is, and that it is genuine. */
  delivery: string
  signature: (secret: string, body: string) => Record<string, string>
}
const gitea = {
  ...{ host: 'gitea', url: 'https://codeberg.org/acme/shop.git', event: 'push' },
  push: {
    ...{ ...pushed, total_commits: 1, head_commit: commit, pusher: { login: 'ada' } },
    repository: { clone_url: 'https://codeberg.org/acme/shop.git', html_url: 'https://codeberg.org/acme/shop' },
  },
}
const senders: readonly [string, Sender][] = [
  [
    'GitLab',
    {
      ...{
        host: 'gitlab',
        url: 'https://gitlab.com/acme/shop.git',
        event: 'Push Hook',
        delivery: 'x-gitlab-event-uuid',
      },
      push: {
        ...{ ...pushed, object_kind: 'push', user_name: 'ada', total_commits_count: 1 },
        project: { git_http_url: 'https://gitlab.com/acme/shop.git', git_ssh_url: 'git@gitlab.com:acme/shop.git' },
      },
      signature: (secret) => ({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret }),
    },
  ],
  [
    'Gitea',
    {
      ...{ ...gitea, delivery: 'x-gitea-delivery' },
      signature: (secret, body) => ({ 'x-gitea-event': 'push', 'x-gitea-signature': hmac(secret, body) }),
    },
  ],
  [
    'Forgejo',
    {
      ...{ ...gitea, delivery: 'x-forgejo-delivery' },
      signature: (secret, body) => ({ 'x-forgejo-event': 'push', 'x-forgejo-signature': hmac(secret, body) }),
    },
  ],
]

describe.each(senders)('a push that %s tells of', (_, { host, url, event, push, delivery, signature }) => {
  const body = JSON.stringify(push)
  const send = async (headers: Record<string, string>, id: string = randomUUID(), to = host) => {
    const sent = { 'content-type': 'application/json', [delivery]: id, ...headers }
    return (await fetch(`${w.panel.url}/webhooks/${to}`, { method: 'POST', headers: sent, body })).status
  }

  it('deploys the site, in the name of who pushed, and once when it is sent again', async () => {
    await w.site({ slug: 'shop', repository_url: url })
    const secret = await w.connect(url, host)
    const headers = signature(secret, body)

    expect(await send(headers, 'the-same')).toBe(202)
    await w.judgeAll()
    expect(await send(headers, 'the-same')).toBe(202)
    await w.judgeAll()

    const { items } = (await w.api('viewer', 'GET', '/deliveries')).json
    expect(items).toMatchObject([
      {
        ...{ host, event, delivery: 'the-same', state: 'judged', branch: 'main', commitSha: sha('a'), pusher: 'ada' },
        verdicts: [{ site: 'shop', verdict: 'deployed', deploy: 1 }],
      },
    ])
    expect(await w.test.query('select requested_by from deploys')).toEqual([{ requested_by: 'ada (push)' }])
  })

  it('WH-01: is refused with another secret, with the signature of another host, and at the address of another', async () => {
    await w.site({ repository_url: url })
    const secret = await w.connect(url, host)
    const ofGithub = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${hmac(secret, body)}` }

    expect(await send(signature('a guess', body))).toBe(401)
    expect(await send(signature('', body))).toBe(401)
    expect(await send({ ...signature('', body), ...ofGithub })).toBe(401)
    expect(await send({ ...ofGithub, 'x-github-delivery': '1' }, 'x', 'github')).toBe(401)
    expect(await send({ ...ofGithub, 'x-github-delivery': '1' })).toBe(400)

    expect(await w.test.query('select 1 from webhook_deliveries')).toEqual([])
  })
})
