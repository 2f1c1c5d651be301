import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listWaiting, updatePushSettings } from '../../server/pushes/pushes.js'
import { makeDeploy } from '../support/deploys.js'
import { type PushWorld, pushOf, pushWorld, sha, shop } from '../support/push-world.js'

let w: PushWorld
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

async function pushed(change: Record<string, unknown> = {}): Promise<void> {
  const [known] = await w.test.query('select id from repository_connections')
  secret = known ? secret : await w.connect()
  await w.deliver(secret, pushOf(change))
  await w.judgeAll()
}
let secret = ''
const never = new AbortController().signal

const seen = () => w.test.query('select seen_commit, seen_deployed from sites')

const verdictFor = async (values: Record<string, unknown>, change: Record<string, unknown> = {}) => {
  const { slug } = await w.site(values)
  await pushed(change)
  return (await w.verdicts()).find((row) => row.slug === slug)
}

describe('a push on the branch', () => {
  it('deploys every site that asked for it, in the name of who pushed, and says so in the feed', async () => {
    const [one, two] = [await w.site({ slug: 'one' }), await w.site({ slug: 'two', root_folder: 'apps/two' })]
    await w.site({ slug: 'other', repository_url: 'https://github.com/acme/other.git' })

    await pushed()

    expect(await w.verdicts()).toEqual(
      [one, two].map(({ slug }) => ({ slug, verdict: 'deployed', detail: null, deploy: 1 })),
    )
    expect(await w.test.query('select distinct requested_by from deploys')).toEqual([
      { requested_by: 'octocat (push)' },
    ])
    const feed = await w.api('viewer', 'GET', '/activity')
    expect(feed.json.items[0].text).toMatch(/^Hostler, for octocat \(push\), asked for deploy 1 of (one|two)$/)
  })

  it('R25: a hundred at once make one deploy that waits', async () => {
    await w.site()
    secret = await w.connect()
    const commits = Array.from({ length: 100 }, (_, n) => n.toString(16).padStart(40, 'a'))
    await Promise.all(commits.map((after) => w.deliver(secret, pushOf({ after }))))

    await w.judgeAll()

    const found = await w.test.query('select verdict, count(*)::int from delivery_verdicts group by 1 order by 1')
    expect(found).toEqual([
      { verdict: 'deployed', count: 1 },
      { verdict: 'folded', count: 99 },
    ])
    expect(await w.test.query('select commit_sha from deploys')).toEqual([{ commit_sha: null }])
  })

  it('that is judged twice, at once or later, deploys once', async () => {
    await w.site()
    await pushed()
    const [delivery] = (await w.api('viewer', 'GET', '/deliveries')).json.items

    const replays = [1, 2, 3].map(() => w.api('developer', 'POST', `/deliveries/${delivery.id}/replays`))
    expect((await Promise.all(replays)).map(({ status }) => status)).toEqual([201, 201, 201])

    expect(await w.test.query('select number from deploys')).toEqual([{ number: 1 }])
    expect(await w.verdicts()).toMatchObject([{ verdict: 'deployed', deploy: 1 }])
  })

  it('that did not deploy does so when it is replayed after what was in the way is gone', async () => {
    const { slug } = await w.site({ auto_deploy: false })
    await pushed()
    expect(await w.verdicts()).toMatchObject([{ verdict: 'auto-deploy-off' }])
    await w.test.query('update sites set auto_deploy = true')
    const [delivery] = (await w.api('viewer', 'GET', '/deliveries')).json.items

    const answer = await w.api('developer', 'POST', `/deliveries/${delivery.id}/replays`)

    expect(answer.json.delivery.verdicts).toMatchObject([{ site: slug, verdict: 'deployed', deploy: 1 }])
    expect((await w.api('viewer', 'POST', `/deliveries/${delivery.id}/replays`)).status).toBe(403)
    expect((await w.api('stranger', 'POST', `/deliveries/${delivery.id}/replays`)).status).toBe(404)
  })
})

describe('deliveries that wait', () => {
  it('R25: are decided on for each team in turn, however many one of them has', async () => {
    const urls = ['a', 'b', 'c'].map((name) => `https://github.com/acme/${name}.git`)
    for (const url of urls) await w.deliver(await w.connect(url), pushOf({ repository: { clone_url: url } }))
    await w.deliver(await w.connect(shop, 'github', 'stranger'), pushOf())

    const first = await listWaiting(w.services, 2)

    expect(first.map(({ team_id }) => team_id)).toEqual([w.acme.id, w.rival.id])
  })
})

describe('a delivery that cannot be decided on', () => {
  it('keeps no other waiting, and is tried again after a while', async () => {
    await w.site()
    secret = await w.connect()
    for (const letter of ['a', 'b', 'c']) await w.deliver(secret, pushOf({ after: sha(letter) }))
    // Such a row is never written; it stands for a mistake of ours.
    await w.test.query(
      `update webhook_deliveries set headers = 'null' where id = (select id from webhook_deliveries order by received_at, id limit 1)`,
    )

    await w.judgeAll()

    expect((await w.verdicts()).map(({ verdict }) => verdict).sort()).toEqual(['deployed', 'folded'])
    expect(await w.test.query('select 1 from webhook_deliveries where outcome is null')).toHaveLength(1)
    expect(await listWaiting(w.services, 10)).toEqual([])
    w.clock.advance(61_000)
    expect(await listWaiting(w.services, 10)).toHaveLength(1)
  })
})

describe('a push that does not deploy says why', () => {
  it('another branch, a tag, a branch that is gone', async () => {
    expect(await verdictFor({ branch: 'live' })).toMatchObject({
      verdict: 'other-branch',
      detail: 'The site is pinned to live',
    })
    expect(await verdictFor({}, { ref: 'refs/tags/v1' })).toMatchObject({ verdict: 'no-branch' })
    expect(await verdictFor({}, { after: sha('0'), deleted: true })).toMatchObject({ verdict: 'branch-deleted' })
  })

  it('switched off, suspended, being deleted, frozen', async () => {
    const { clock } = w.services
    const later = new Date(clock().getTime() + 1000)

    expect(await verdictFor({ auto_deploy: false })).toMatchObject({ verdict: 'auto-deploy-off' })
    expect(await verdictFor({ state: 'suspended', state_reason: 'Unpaid' })).toMatchObject({
      verdict: 'site-closed',
      detail: 'Unpaid',
    })
    expect(await verdictFor({ delete_requested_at: later })).toMatchObject({ verdict: 'site-closed' })
    expect(await verdictFor({ frozen_until: later, frozen_reason: 'Sale' })).toMatchObject({
      verdict: 'frozen',
      detail: 'Sale',
    })
  })

  it('the message asks for it, and it is not deployed later by being asked after', async () => {
    const commit = { id: sha('a'), message: 'Docs\n\n[Skip CI]' }

    expect(await verdictFor({ seen_commit: sha('9') }, { before: sha('9'), head_commit: commit })).toMatchObject({
      verdict: 'skipped',
      detail: 'The commit message says [Skip CI]',
    })
    expect(await seen()).toEqual([{ seen_commit: sha('a'), seen_deployed: false }])
  })

  it('what is left out does not cover what nobody told of before it, nor what came since', async () => {
    const head_commit = { id: sha('c'), message: 'Docs [skip deploy]' }
    const { slug } = await w.site({ seen_commit: sha('a'), seen_deployed: true })

    await pushed({ before: sha('b'), after: sha('c'), head_commit })
    expect(await seen()).toEqual([{ seen_commit: sha('a'), seen_deployed: true }])

    await w.test.query('update sites set seen_commit = $1 where slug = $2', [sha('d'), slug])
    await pushed({ before: sha('a'), after: sha('c'), head_commit })
    expect(await seen()).toEqual([{ seen_commit: sha('d'), seen_deployed: true }])
    expect((await w.verdicts()).map(({ verdict }) => verdict)).toEqual(['skipped', 'skipped'])
  })

  it('what is left out right after the first deploy is not deployed by being asked after', async () => {
    const site = await w.site()
    await makeDeploy(w.test, site, w.acme, { commit_sha: sha('9'), operation: { status: 'succeeded' } })

    await pushed({ before: sha('9'), head_commit: { id: sha('a'), message: '[skip ci]' } })

    expect(await seen()).toEqual([{ seen_commit: sha('a'), seen_deployed: false }])
  })

  it('nothing is known any more of a branch or a repository that the site has left', async () => {
    const known = { seen_commit: sha('a'), seen_deployed: true }
    const { slug } = await w.site(known)
    const settings = { autoDeploy: true, branch: 'live', watchedPaths: [], ignoredPaths: [] }

    await updatePushSettings(await w.ctx('developer'), slug, { ...settings, branch: 'main' }, never)
    expect(await seen()).toEqual([known])
    await updatePushSettings(await w.ctx('developer'), slug, settings, never)
    expect(await seen()).toEqual([{ seen_commit: null, seen_deployed: false }])
  })

  it('several that come together are seen one after the other', async () => {
    await w.site({ seen_commit: sha('a'), seen_deployed: true })
    secret = await w.connect()
    await w.deliver(secret, pushOf({ before: sha('a'), after: sha('b') }))
    await w.deliver(secret, pushOf({ before: sha('b'), after: sha('c'), head_commit: { message: '[skip ci]' } }))

    await w.judgeAll()

    expect((await w.verdicts()).map(({ verdict }) => verdict).sort()).toEqual(['deployed', 'skipped'])
    expect(await seen()).toEqual([{ seen_commit: sha('c'), seen_deployed: false }])
  })

  it('none of the files counts; a push whose files are not all known deploys', async () => {
    const paths = { watched_paths: ['apps/api/'], ignored_paths: ['**/*.md'] }

    expect(await verdictFor(paths)).toMatchObject({
      verdict: 'paths-did-not-match',
      detail: 'It changes apps/web/index.js',
    })
    expect(await verdictFor(paths, { after: sha('b'), forced: true })).toMatchObject({ verdict: 'deployed' })
  })

  it('its commit was deployed already, and how that went', async () => {
    const site = await w.site({ seen_commit: sha('a'), seen_deployed: true })
    const its = { number: 7, commit_sha: sha('a'), operation: { status: 'failed' } }
    await makeDeploy(w.test, site, w.acme, its)

    await pushed()

    expect(await w.verdicts()).toMatchObject([
      {
        verdict: 'already-deployed',
        detail: 'That deploy failed. Deploy the site by hand to try it again',
        deploy: 7,
      },
    ])
  })

  it('a branch was deleted or made, as the host says by itself', async () => {
    const site = await w.site()
    secret = await w.connect()
    const { repository } = pushOf()
    const about = { ref: 'main', ref_type: 'branch', repository, sender: { login: 'octocat' } }

    await w.deliver(secret, about, { 'x-github-event': 'create' })
    await w.deliver(secret, { ...about, ref_type: 'tag' }, { 'x-github-event': 'create' })
    await w.deliver(secret, about, { 'x-github-event': 'delete' })
    await w.judgeAll()

    const { items } = (await w.api('viewer', 'GET', '/deliveries')).json
    expect(items.map(({ state }: { state: string }) => state).sort()).toEqual(['branch-made', 'judged', 'not-used'])
    expect(await w.verdicts()).toMatchObject([{ slug: site.slug, verdict: 'branch-deleted', deploy: null }])
  })
})

describe('what a secret may speak for', () => {
  it('WH-07: its own repository in its own team, and no other, however it is spelt', async () => {
    await w.site({ repository_url: 'https://github.com/acme/shop-two.git' })
    const ssh = await w.site({ repository_url: 'git@GITHUB.com:Acme/Shop' })
    secret = await w.connect()
    const two = 'https://github.com/acme/shop-two.git'

    // Both are named, so that the secret of one is tried; it is about the other.
    await w.deliver(secret, { ...pushOf({ repository: { clone_url: two } }), other: { clone_url: shop } })
    await w.deliver(secret, pushOf())
    await w.judgeAll()

    expect(await w.verdicts()).toEqual([{ slug: ssh.slug, verdict: 'deployed', detail: null, deploy: 1 }])
    expect(
      (await w.test.query('select outcome from webhook_deliveries order by received_at, id')).map((row) => row.outcome),
    ).toEqual(['other-repository', 'judged'])
  })

  it('a rival that connects the same repository moves nobody else’s site', async () => {
    await w.site()
    const theirs = await w.connect(shop, 'github', 'stranger')

    expect((await w.deliver(theirs, pushOf())).status).toBe(202)
    await w.judgeAll()

    expect(await w.verdicts()).toEqual([])
    expect((await w.api('viewer', 'GET', '/deliveries')).json.items).toEqual([])
    expect((await w.api('stranger', 'GET', '/deliveries')).json.items).toHaveLength(1)
  })

  it('WH-10: names that would be commands are compared, and run by nobody', async () => {
    await w.site()
    for (const name of ['$(touch /tmp/pwn)', 'a;id', '--upload-pack=touch /tmp/pwn', 'main\n', '../main'])
      await pushed({ ref: `refs/heads/${name}` })

    expect(new Set((await w.verdicts()).map(({ verdict }) => verdict))).toEqual(new Set(['other-branch']))
  })
})
