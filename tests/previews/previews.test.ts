import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { days } from '../support/clock.js'
import { type PreviewWorld, previewWorld } from '../support/preview-world.js'
import { sha } from '../support/push-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const verdicts = async () => (await w.verdicts()).map(({ verdict }) => verdict)
const deploys = () =>
  w.test.query<{ slug: string; commit: string; by: string }>(
    `select s.slug, d.commit_sha as commit, d.requested_by as by from deploys d join sites s on s.id = d.site_id
     where d.folded_into is null order by d.created_at`,
  )
const secret = (key: string, value: string, isSecret = true) => ({ key, value, isSecret })

describe('a pull request', () => {
  it('gets a site of its own of that commit, which follows the settings of its site', async () => {
    const key = await w.begin()
    await w.test.query("update sites set memory_mb = 300, build_command = 'make' where slug = 'shop'")

    await w.pull(key)
    await w.turn()

    expect(await verdicts()).toEqual(['preview'])
    expect(await w.copies()).toMatchObject([
      { slug: 'shop-pr-12', branch: 'more', pinned_commit: sha('b'), going: false },
    ])
    expect(await deploys()).toEqual([{ slug: 'shop-pr-12', commit: sha('b'), by: 'octocat (pull request 12)' }])
    const copy = (await w.api('developer', 'GET', '/sites/shop-pr-12')).json.site
    expect(copy).toMatchObject({ memoryMb: 300, buildCommand: 'make', previewOf: w.siteId, keepReleases: 2 })
    expect(await w.previews()).toMatchObject([{ number: 12, state: 'deploying', site: 'shop-pr-12', deploy: 1 }])
  })

  it('is not in the list of sites, and a push to its branch deploys it no second time', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()

    const push = {
      ref: 'refs/heads/more',
      after: sha('b'),
      commits: [],
      repository: { clone_url: 'https://github.com/acme/shop' },
    }
    await w.deliver(key, push)
    await w.judgeAll()

    const { items } = (await w.api('developer', 'GET', '/sites')).json
    expect(items.map(({ slug }: { slug: string }) => slug)).toEqual(['shop'])
    expect((await w.verdicts()).map(({ slug, verdict }) => `${slug} ${verdict}`)).toEqual([
      'shop preview',
      'shop other-branch',
    ])
    expect(await deploys()).toHaveLength(1)
  })

  it('that is pushed to deploys the new commit in the same place; told again, or late, nothing happens', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()
    await w.pull(key, { letter: 'c', at: 3 })
    await w.turn()
    await w.pull(key, { letter: 'c', at: 3 })
    await w.pull(key, { letter: 'b', at: 2 })
    await w.turn()

    expect(await verdicts()).toEqual(['preview', 'preview', 'preview-unchanged', 'preview-unchanged'])
    expect((await deploys()).map(({ commit }) => commit)).toEqual([sha('c')])
    expect(await w.copies()).toMatchObject([{ pinned_commit: sha('c') }])
  })

  it('that is closed loses it, opened again gets it anew', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()
    await w.pull(key, { state: 'closed', at: 2 })
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: true }])
    await w.test.query('delete from sites where preview_of is not null')

    await w.pull(key, { at: 3 })
    await w.turn()

    expect(await verdicts()).toEqual(['preview', 'preview-removed', 'preview'])
    expect(await w.copies()).toMatchObject([{ going: false }])
    expect(await deploys()).toHaveLength(1)
  })

  it('takes what the site changes later: settings, access, variables', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()

    await w.api('developer', 'POST', '/sites/shop/environment/variables', secret('TITLE', 'Shop', false))
    await w.api('developer', 'PATCH', '/sites/shop', { memoryMb: 700 })
    await w.turn()

    expect(await w.environment('shop-pr-12')).toEqual(['TITLE both'])
    expect((await w.api('developer', 'GET', '/sites/shop-pr-12')).json.site.memoryMb).toBe(700)
  })
})

describe('WH-11: a pull request of a fork', () => {
  it.each([2, null])('runs nothing before somebody has approved that very commit (repository %s)', async (repo) => {
    const key = await w.begin()
    await w.pull(key, { repo })
    await w.turn()
    expect(await verdicts()).toEqual(['needs-approval'])
    expect(await w.copies()).toEqual([])
    const approve = (name: 'developer' | 'viewer' | 'stranger', commit: string) =>
      w.api(name, 'PUT', '/sites/shop/previews/12/approval', { commit })
    expect((await approve('viewer', sha('b'))).status).toBe(403)
    expect((await approve('stranger', sha('b'))).status).toBe(404)
    expect((await approve('developer', sha('a'))).status).toBe(409)

    expect((await approve('developer', sha('b'))).status).toBe(200)
    await w.turn()
    await w.pull(key, { repo, letter: 'c', at: 2 })
    await w.turn()

    expect((await deploys()).map(({ commit }) => commit)).toEqual([sha('b')])
    expect(await verdicts()).toEqual(['needs-approval', 'needs-approval'])
    expect(await w.previews()).toMatchObject([{ state: 'waits-for-approval', commit: sha('c') }])
  })

  it('gets no secret, also when it is approved; one of our own gets those of previews, and never the site’s', async () => {
    const key = await w.begin()
    await w.api('developer', 'POST', '/sites/shop/environment/variables', secret('DATABASE_URL', 'canary of the site'))
    await w.api('developer', 'POST', '/sites/shop/environment/variables', secret('TITLE', 'Shop', false))
    await w.api('developer', 'POST', '/sites/shop/previews/variables', secret('TRY_KEY', 'canary of previews'))
    await w.pull(key, { repo: 2 })
    await w.api('developer', 'PUT', '/sites/shop/previews/12/approval', { commit: sha('b') })
    await w.turn()
    await w.pull(key, { number: 13 })
    await w.turn()

    expect(await w.environment('shop-pr-12')).toEqual(['TITLE both'])
    expect(await w.environment('shop-pr-13')).toEqual(['TITLE both', 'TRY_KEY both secret'])
    const page = (await w.api('developer', 'GET', '/sites/shop/previews')).json
    expect(page.missing).toEqual(['DATABASE_URL'])
    expect(JSON.stringify(page)).not.toContain('canary')
    const seen = (await w.api('viewer', 'GET', '/sites/shop/previews')).json
    expect([seen.variables, seen.missing]).toEqual([[], []])
  })
})

describe('previews of a site', () => {
  it('are as many as it allows; the next waits until one goes', async () => {
    const key = await w.begin({ most: 1 })
    await w.pull(key)
    await w.turn()
    await w.pull(key, { number: 13 })
    await w.turn()
    expect(await verdicts()).toEqual(['preview', 'no-room'])
    expect(await w.copies()).toHaveLength(1)

    await w.pull(key, { state: 'closed', at: 2 })
    await w.turn()
    await w.test.query('delete from sites where slug = $1', ['shop-pr-12'])
    w.clock.advance(days(0.01))
    await w.turn()

    expect((await w.copies()).map(({ slug }) => slug)).toEqual(['shop-pr-13'])
  })

  it('go when nobody pushes for long enough, and come back with the next commit or by hand', async () => {
    const key = await w.begin({ keptDays: 3 })
    await w.pull(key)
    await w.turn()
    w.clock.advance(days(2.9))
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: false }])

    w.clock.advance(days(0.2))
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: true }])
    await w.test.query('delete from sites where preview_of is not null')
    w.clock.advance(days(0.01))
    await w.turn()
    expect(await w.previews()).toMatchObject([{ state: 'none', site: null }])

    await w.api('developer', 'PUT', '/sites/shop/previews/12')
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: false }])
  })

  it('are none where they are off or on another branch, and go when they are removed by hand', async () => {
    const key = await w.begin({ isOn: false })
    await w.pull(key)
    await w.api('developer', 'PUT', '/sites/shop/previews', { isOn: true, most: 5, keptDays: 14 })
    await w.pull(key, { base: { ref: 'next', repo: { id: 1 } } })
    await w.turn()
    expect(await verdicts()).toEqual(['previews-off', 'other-branch'])
    expect(await w.previews()).toEqual([])

    await w.pull(key)
    await w.turn()
    expect((await w.api('developer', 'DELETE', '/sites/shop/previews/12')).status).toBe(200)
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: true }])
  })

  it('go when they are switched off, and when the pull request goes elsewhere', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.pull(key, { number: 13 })
    await w.turn()
    const going = async () => (await w.copies()).map((copy) => copy.going)

    await w.pull(key, { base: { ref: 'next', repo: { id: 1 } }, at: 2 })
    await w.turn()
    expect(await going()).toEqual([true, false])

    await w.api('developer', 'PUT', '/sites/shop/previews', { isOn: false, most: 5, keptDays: 14 })
    await w.turn()
    expect(await going()).toEqual([true, true])
  })

  it('cannot be changed or deleted as if they were sites, and go with their site', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()

    const answers = [
      await w.api('developer', 'PATCH', '/sites/shop-pr-12', { memoryMb: 900 }),
      await w.api('developer', 'POST', '/sites/shop-pr-12/environment/variables', secret('A', 'b')),
      await w.api('developer', 'PUT', '/sites/shop-pr-12/archive'),
      await w.api('owner', 'DELETE', '/sites/shop-pr-12', { confirm: 'Shop PR 12' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409])

    await w.api('owner', 'DELETE', '/sites/shop', { confirm: 'Shop' })
    await w.turn()
    expect(await w.copies()).toMatchObject([{ going: true }])
    const operations = await w.test.query("select title from operations where kind = 'remove-site' order by title")
    expect(operations).toEqual([{ title: 'Delete Shop' }, { title: 'Delete Shop PR 12' }])
  })

  it('are not made or deployed while their site takes no deploys', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.turn()
    await w.test.query("update sites set state = 'suspended', state_reason = 'Not paid' where slug = 'shop'")

    await w.pull(key, { letter: 'c', at: 2 })
    await w.pull(key, { number: 13 })
    await w.turn()

    expect(await verdicts()).toEqual(['preview', 'site-closed', 'site-closed'])
    expect((await deploys()).map(({ commit }) => commit)).toEqual([sha('b')])
    expect(await w.previews()).toMatchObject([{ number: 12, state: 'waits', fault: 'Not paid' }])
  })

  it('say what is in the way, and are tried again', async () => {
    const key = await w.begin()
    await w.test.query("update servers set status = 'unreachable'")
    await w.pull(key)
    await w.turn()
    expect(await w.previews()).toMatchObject([{ state: 'waits', fault: expect.stringContaining('cannot be reached') }])

    await w.test.query("update servers set status = 'ready'")
    w.clock.advance(days(0.1))
    await w.turn()
    expect(await w.previews()).toMatchObject([{ state: 'deploying', fault: null }])
  })

  it('are another team’s to nobody', async () => {
    await w.begin()
    const routes = [
      ['GET', '/sites/shop/previews', undefined],
      ['PUT', '/sites/shop/previews', { isOn: true, most: 1, keptDays: 1 }],
      ['POST', '/sites/shop/previews/variables', secret('A', 'b')],
      ['DELETE', '/sites/shop/previews/12', undefined],
    ] as const
    for (const [method, path, body] of routes)
      expect([path, (await w.api('stranger', method, path, body)).status]).toEqual([path, 404])
  })
})
