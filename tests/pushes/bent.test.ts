import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { judgeDeliveriesHandler } from '../../jobs/pushes/judge-deliveries.js'
import { bend, seeded } from '../support/bent.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PushWorld, pushOf, pushWorld, sha, shop } from '../support/push-world.js'

let w: PushWorld
let secret = ''
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  await w.site({ slug: 'shop' })
  await w.site({ slug: 'other', repository_url: 'https://github.com/acme/other.git' })
  const server = await makeServer(w.test, w.rival)
  await makeSite(w.test, server, w.rival, { slug: 'theirs', repository_url: shop, auto_deploy: true })
  secret = await w.connect()
})

const judge = () => judgeDeliveriesHandler.run({}, { services: w.services, signal: new AbortController().signal })
const deployed = async () =>
  (await w.test.query('select s.slug from deploys d join sites s on s.id = d.site_id')).map(({ slug }) => slug)
const inbox = async (): Promise<{ branch: string | null }[]> => (await w.api('viewer', 'GET', '/deliveries')).json.items
const nothing = { commits: null, head_commit: null }
const fork = 'https://github.com/eve/shop.git'

describe('WH-09: a push that is not as GitHub sends it', () => {
  it('2,000 bent ones are never answered with a 5xx, and deploy only what is whole where it counts', async () => {
    const random = seeded(2026)
    const bent = Array.from({ length: 2000 }, (_, n) =>
      bend(pushOf({ after: n.toString(16).padStart(40, 'a') }), random),
    )

    const statuses: number[] = []
    for (let from = 0; from < bent.length; from += 200) {
      const answers = bent.slice(from, from + 200).map(async (text) => (await w.deliver(secret, text)).status)
      statuses.push(...(await Promise.all(answers)))
    }
    await judge()

    expect(new Set(statuses)).toEqual(new Set([202, 401]))
    expect(await w.test.query('select 1 from webhook_deliveries where outcome is null')).toEqual([])
    const rows = await w.test.query<{ body: Buffer }>(
      `select d.body from delivery_verdicts v join webhook_deliveries d on d.id = v.delivery_id where v.deploy_id is not null`,
    )
    const taken = new Set(rows.map(({ body }) => body.toString()))
    const kept = bent.filter((_, index) => statuses[index] === 202)
    expect(taken.size).toBeGreaterThan(200)
    expect(kept.length - taken.size).toBeGreaterThan(200)
    expect(kept.filter((text) => isWhole(text) !== taken.has(text)).map((text) => text.slice(0, 200))).toEqual([])
    expect(await deployed()).toEqual(['shop'])
  })

  it.each<[what: string, body: object, state: string, verdict: string | undefined, event?: string]>([
    ['a deleted branch', pushOf({ after: sha('0'), deleted: true, ...nothing }), 'judged', 'branch-deleted'],
    ['a tag', pushOf({ ref: 'refs/tags/main', ...nothing }), 'judged', 'no-branch'],
    ['a tag that looks like the branch', pushOf({ ref: 'refs/tags/refs/heads/main' }), 'judged', 'no-branch'],
    ['a branch of 900 characters', pushOf({ ref: `refs/heads/${'x'.repeat(900)}` }), 'judged', 'other-branch'],
    ['a ref of 5 MB', pushOf({ ref: `refs/heads/${'x'.repeat(5_000_000)}` }), 'unreadable', undefined],
    [
      'a fork that pushes',
      pushOf({ repository: { clone_url: fork, parent: { clone_url: shop } } }),
      'other-repository',
      undefined,
    ],
    [
      'somebody who forks',
      { forkee: { clone_url: fork }, repository: { clone_url: shop } },
      'not-used',
      undefined,
      'fork',
    ],
  ])('%s is kept and deploys nothing', async (_, body, state, verdict, event = 'push') => {
    expect((await w.deliver(secret, body, { 'x-github-event': event })).status).toBe(202)
    await judge()

    const [item] = await inbox()
    expect(item).toMatchObject({ state, verdicts: verdict ? [{ site: 'shop', verdict }] : [] })
    expect(item?.branch?.length ?? 0).toBeLessThanOrEqual(300)
    expect(await deployed()).toEqual([])
  })

  it('without a list of commits deploys: which files it changes is not known', async () => {
    await w.test.query("update sites set watched_paths = '{docs/}'")

    expect((await w.deliver(secret, pushOf(nothing))).status).toBe(202)
    await judge()

    expect(await deployed()).toEqual(['shop'])
  })
})

describe('WH-09: ordinary text in a commit', () => {
  it.each([
    ['commands', 'Mend the price; rm -rf / && echo $(touch /tmp/pwn) `id` | sh > /dev/null #'],
    ['other scripts', 'Größe, 漢字, 🎉, \u202etxet and "quotes" with \'these\' too'],
    ['code', '{"json": ["in", "a", "message"]} <script>alert(1)</script> {{ 7 * 7 }} %00 \\'],
    ['ten thousand characters', `${'long '.repeat(2000)}end`],
  ])('is deployed with, and shown as it is: %s', async (_, message) => {
    const commit = {
      id: sha('b'),
      message: `${message}\n\nMore`,
      added: [message.slice(0, 200)],
      modified: [],
      removed: [],
    }
    const push = pushOf({
      after: sha('b'),
      commits: [commit],
      head_commit: commit,
      pusher: { name: message.slice(0, 50) },
    })

    expect((await w.deliver(secret, push)).status).toBe(202)
    await judge()

    expect(await inbox()).toMatchObject([
      {
        state: 'judged',
        commitSubject: message.slice(0, 300),
        verdicts: [{ site: 'shop', verdict: 'deployed', deploy: 1 }],
      },
    ])
    const page = await w.panel.browser(w.people.viewer.cookie).get('/teams/acme/deliveries')
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<script>alert(1)')
  })
})

/** All that a push needs to deploy: that it is JSON, the branch, a commit, and one address of our repository. */
function isWhole(text: string): boolean {
  try {
    const { ref, after, repository } = JSON.parse(text)
    const isOurs = (address: unknown) =>
      typeof address === 'string' && /^(https:\/\/|git@)github\.com[/:]acme\/shop(\.git)?$/i.test(address)
    return (
      ref === 'refs/heads/main' &&
      typeof after === 'string' &&
      /^(?!0+$)[0-9a-f]{40}$/i.test(after) &&
      [repository?.clone_url, repository?.ssh_url, repository?.html_url].some(isOurs)
    )
  } catch {
    return false
  }
}
