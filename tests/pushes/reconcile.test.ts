import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Answers, reconcileSite, takeDueSites, updatePushSettings } from '../../server/pushes/pushes.js'
import { makeRelease } from '../support/make.js'
import { nodeApp, type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
beforeAll(async () => {
  w = await siteWorld()
}, 30_000)
afterAll(() => w.close())
beforeEach(() => w.reset())

const never = new AbortController().signal

/** A site whose newest commit was never heard of. */
async function quietSite(values: Record<string, unknown> = {}) {
  const repository = await w.git.makeRepository({ files: nodeApp, isPublic: true })
  const body = { server: w.server.slug, repositoryUrl: repository.httpUrl, branch: 'main', stack: 'node' }
  const commands = { buildCommand: null, startCommand: 'npm start', deploy: 'later' }
  const made = await w.api('developer', 'POST', '/sites', { ...body, ...commands, ...values })
  await w.test.query('update sites set reconcile_at = null')
  return { repository, id: made.json.site.id as string, slug: made.json.site.slug as string }
}

async function reconcile(): Promise<number> {
  const due = await takeDueSites(w.services, 100)
  for (const site of due) await reconcileSite(w.services, site, never)
  return due.length
}

const row = async () => (await w.test.query('select * from sites'))[0]
const deploys = () => w.test.query('select number, requested_by from deploys order by number')

describe('asking after what no webhook told of', () => {
  it('deploys the newest commit once, and says why', async () => {
    const { repository } = await quietSite()

    expect(await reconcile()).toBe(1)

    expect(await deploys()).toEqual([{ number: 1, requested_by: 'Hostler' }])
    const feed = await w.api('viewer', 'GET', '/activity')
    expect(feed.json.items[0].text).toMatch(
      /^Hostler asked for deploy 1 of .*, because no webhook told of its newest commit$/,
    )
    expect(await row()).toMatchObject({ seen_commit: await repository.head(), seen_deployed: true })
    expect(await reconcile()).toBe(0)
    await w.test.query('update sites set reconcile_at = null')
    await reconcile()
    expect(await deploys()).toHaveLength(1)
  })

  it('asks once for all sites of a team that are made of one branch', async () => {
    const { repository } = await quietSite()
    const body = { server: w.server.slug, repositoryUrl: repository.httpUrl, branch: 'main', stack: 'node' }
    await w.api('developer', 'POST', '/sites', { ...body, startCommand: 'npm start', deploy: 'later', name: 'Second' })
    await w.test.query('update sites set reconcile_at = null')
    const [first, second] = await takeDueSites(w.services, 2)
    const answers: Answers = new Map()

    if (first) await reconcileSite(w.services, first, never, answers)
    await repository.remove()
    if (second) await reconcileSite(w.services, second, never, answers)

    expect(await w.test.query('select distinct site_id from deploys')).toHaveLength(2)
  })

  it('leaves alone what a push told of, what is live already, and what does not deploy by itself', async () => {
    const { repository, id } = await quietSite()
    const head = await repository.head()
    await w.test.query('update sites set seen_commit = $1, seen_deployed = false', [head])
    await reconcile()
    expect(await deploys()).toEqual([])

    await w.test.query('update sites set seen_commit = null, reconcile_at = null')
    await w.api('developer', 'POST', `/sites/${(await row())?.slug}/deploys`, {})
    const release = await makeRelease(w.test, { id }, w.acme, { commit_sha: head })
    await w.test.query('update deploys set release_id = $1', [release.id])
    await reconcile()
    expect(await deploys()).toHaveLength(1)
    expect((await row())?.seen_commit).toBe(head)

    await w.test.query('update sites set auto_deploy = false, reconcile_at = null')
    expect(await reconcile()).toBe(0)
  })

  it('waits for a deploy that has not fetched its commit yet', async () => {
    const { slug } = await quietSite()
    await w.api('developer', 'POST', `/sites/${slug}/deploys`, {})

    await reconcile()

    expect(await deploys()).toHaveLength(1)
    expect((await row())?.seen_commit).toBeNull()
  })

  it('keeps what came during a freeze for afterwards', async () => {
    const { slug } = await quietSite()
    await w.api('developer', 'PUT', `/sites/${slug}/freeze`, { hours: '4', reason: 'Sale of the year' })
    await reconcile()
    expect(await deploys()).toEqual([])

    await w.api('developer', 'DELETE', `/sites/${slug}/freeze`)
    await reconcile()

    expect(await deploys()).toHaveLength(1)
  })

  it('R10: tells what is in the way, asks less often, and forgets it once it is gone', async () => {
    const { slug } = await quietSite()
    await w.test.query("update sites set branch = 'gone'")

    await reconcile()

    const first = await row()
    expect(first).toMatchObject({ reconcile_fault: 'The repository has no branch gone', reconcile_failures: 1 })
    expect((await w.api('viewer', 'GET', `/sites/${slug}/pushes`)).json.pushes.fault).toContain('no branch gone')
    await w.test.query('update sites set reconcile_at = null')
    await reconcile()
    const minutes = (Number((await row())?.reconcile_at) - w.services.clock().getTime()) / 60_000
    expect(Math.round(minutes)).toBe(10)

    const ctx = await w.ctx('developer')
    const wanted = { autoDeploy: true, branch: 'main', watchedPaths: [], ignoredPaths: [] }
    await updatePushSettings(ctx, slug, wanted, new AbortController().signal)
    await reconcile()
    expect(await row()).toMatchObject({ reconcile_fault: null, reconcile_failures: 0 })
    expect(await deploys()).toHaveLength(1)
  })

  it('is done by one of several workers, once', async () => {
    await quietSite()

    const taken = await Promise.all([1, 2, 3, 4].map(() => takeDueSites(w.services, 100)))

    expect(taken.flat()).toHaveLength(1)
  })
})
