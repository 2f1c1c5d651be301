import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FakeInstallation } from '../../support/fake-github.js'
import { type GithubWorld, githubWorld } from '../../support/github-world.js'
import { makeServer, makeSite } from '../../support/make.js'
import { pushOf, sha, shop } from '../../support/push-world.js'

let w: GithubWorld
beforeAll(async () => {
  w = await githubWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const deploys = () => w.test.query('select number from deploys')
const outcomes = async () =>
  (await w.test.query<{ outcome: string }>('select outcome from webhook_deliveries order by received_at, id')).map(
    ({ outcome }) => outcome,
  )
const pushIn = (installation: FakeInstallation, change: Record<string, unknown> = {}) =>
  pushOf({ installation: { id: installation.id }, ...change })
const repositories = async () =>
  (await w.test.query<{ name: string }>('select full_name as name from github_repositories order by 1')).map(
    ({ name }) => name,
  )
const installationEvent = (action: string, { id, account }: FakeInstallation) => ({
  action,
  installation: { id, account: { login: account }, repository_selection: 'selected' },
})

describe('a push that GitHub tells the app of', () => {
  it('deploys a site that has no connection of its own', async () => {
    await w.site({ slug: 'shop' })
    const { app, installation } = await w.ofGithubCom('acme/shop')

    expect((await w.deliverAs(app, 'push', pushIn(installation))).status).toBe(202)
    await w.judgeAll()

    expect(await w.verdicts()).toMatchObject([{ slug: 'shop', verdict: 'deployed', deploy: 1 }])
    const [first] = (await w.api('viewer', 'GET', '/deliveries')).json.items
    expect(first).toMatchObject({ host: 'github', repository: 'github.com/acme/shop', state: 'judged' })
    expect((await w.test.query('select last_delivery_at from github_apps'))[0]?.last_delivery_at).toBeTruthy()
  })

  it('is the same when it is sent again', async () => {
    await w.site()
    const { app, installation } = await w.ofGithubCom('acme/shop')
    const headers = { 'x-github-delivery': randomUUID() }

    for (const _ of Array(3)) expect((await w.deliverAs(app, 'push', pushIn(installation), headers)).status).toBe(202)
    await w.judgeAll()

    expect(await deploys()).toEqual([{ number: 1 }])
  })

  it('is found by the installation in its body where no header names the app', async () => {
    await w.site()
    const { app, installation } = await w.ofGithubCom('acme/shop')

    expect((await w.deliver(app.webhookSecret, pushIn(installation))).status).toBe(202)
  })

  it.each([
    ['another secret', (id: number) => ({ id, webhookSecret: 'a guess of somebody else' })],
    ['an empty secret', (id: number) => ({ id, webhookSecret: '' })],
  ])('WH-01: is refused and counted with %s', async (_name, forged) => {
    await w.site()
    const { app, installation } = await w.ofGithubCom('acme/shop')

    expect((await w.deliverAs(forged(app.id), 'push', pushIn(installation))).status).toBe(401)

    expect(await outcomes()).toEqual([])
    const { refused } = (await w.api('viewer', 'GET', '/deliveries')).json
    expect(refused).toMatchObject([{ why: 'bad-signature', repository: expect.stringContaining('/apps/hostler-') }])
  })

  it('WH-07: deploys nothing of a repository that the app is not installed on', async () => {
    await w.site({ slug: 'other', repository_url: 'https://github.com/acme/other.git' })
    await w.site({ slug: 'shop-two', repository_url: 'https://github.com/acme/shop-two.git' })
    await w.site({ slug: 'elsewhere', repository_url: 'https://git.example.com/acme/shop.git' })
    const { app, installation } = await w.ofGithubCom('acme/shop')
    const named = (url: string) => ({ clone_url: url, ssh_url: url, html_url: url })

    for (const name of ['github.com/acme/other', 'github.com/acme/shop-two', 'git.example.com/acme/shop'])
      await w.deliverAs(app, 'push', pushIn(installation, { repository: named(`https://${name}.git`) }))
    await w.judgeAll()
    w.clock.advance(11_000)
    await w.refresh()
    await w.judgeAll()

    expect(await deploys()).toEqual([])
    expect(new Set(await outcomes())).toEqual(new Set(['other-repository']))
  })

  it('WH-07: deploys nothing of another team, whose site has the same repository', async () => {
    const server = await makeServer(w.test, w.rival)
    await makeSite(w.test, server, w.rival, { slug: 'theirs', repository_url: shop, auto_deploy: true })
    const { app, installation } = await w.ofGithubCom('acme/shop')

    await w.deliverAs(app, 'push', pushIn(installation))
    await w.judgeAll()

    expect(await deploys()).toEqual([])
    expect((await w.api('stranger', 'GET', '/deliveries')).json.items).toEqual([])
  })

  it('waits until GitHub was asked, when it is about a repository that has just come', async () => {
    await w.site({ slug: 'shop' })
    const { app, installation } = await w.ofGithubCom('acme/blog')
    installation.repositories.push('acme/shop')
    w.clock.advance(1000)

    await w.deliverAs(app, 'push', pushIn(installation))
    await w.judgeAll()
    expect(await outcomes()).toEqual([null])
    w.clock.advance(11_000)
    await w.refresh()
    await w.judgeAll()

    expect(await w.verdicts()).toMatchObject([{ slug: 'shop', verdict: 'deployed' }])
  })

  it('is judged again by a person, and deploys once', async () => {
    await w.site({ slug: 'shop' })
    const { app, installation } = await w.ofGithubCom('acme/shop')
    await w.deliverAs(app, 'push', pushIn(installation, { after: sha('b') }))
    await w.judgeAll()
    const [{ id }] = (await w.api('viewer', 'GET', '/deliveries')).json.items

    expect((await w.api('developer', 'POST', `/deliveries/${id}/replays`)).status).toBe(201)

    expect(await deploys()).toEqual([{ number: 1 }])
  })
})

describe('what GitHub tells of installations', () => {
  it('only makes it ask: what is there is what it answers, in whatever order deliveries come', async () => {
    const { app, installation } = await w.ofGithubCom('acme/shop')
    installation.repositories = ['acme/blog', 'acme/docs']
    const changed = {
      ...installationEvent('removed', installation),
      repositories_removed: [{ full_name: 'acme/lies' }],
    }

    await w.deliverAs(app, 'installation_repositories', changed)
    await w.judgeAll()
    await w.refresh()

    expect(await outcomes()).toEqual(['installation'])
    expect(await repositories()).toEqual(['acme/blog', 'acme/docs'])
    expect((await w.told())[0]).toBe(
      'Hostler noticed that the GitHub App Hostler of Acme sees other repositories on acme: acme/blog, acme/docs came, acme/shop went',
    )
  })

  it('learns of an installation that nobody came back from', async () => {
    const { app } = await w.connectGithub()
    const installation = w.github.install(app, ['acme/shop'])

    await w.deliverAs(app, 'installation', installationEvent('created', installation))
    await w.judgeAll()
    await w.refresh()

    expect(await repositories()).toEqual(['acme/shop'])
    expect(await w.told()).toContain('Hostler installed the GitHub App Hostler of Acme on acme')
  })

  it('believes no installation that GitHub does not confirm', async () => {
    const { app } = await w.connectGithub()
    const foreign = w.github.install(w.github.madeApp().app, ['rival/secret'])

    await w.deliverAs(app, 'installation', installationEvent('created', foreign))
    await w.judgeAll()
    await w.refresh()

    expect(await w.test.query('select 1 from github_installations')).toEqual([])
    expect(await repositories()).toEqual([])
  })

  it('learns that it was suspended, may work again, and was uninstalled', async () => {
    await w.site({ slug: 'shop' })
    const { app, installation } = await w.ofGithubCom('acme/shop')
    const connections = async () => (await w.api('viewer', 'GET', '/connections')).json.connections
    const happens = async (action: string) => {
      await w.deliverAs(app, 'installation', installationEvent(action, installation))
      await w.judgeAll()
      await w.refresh()
      return (await w.told()).find((text) => text.includes('noticed'))
    }
    expect(await connections()).toMatchObject([{ repository: 'github.com/acme/shop' }])

    installation.suspended = true
    expect(await happens('suspend')).toContain('was suspended on acme')
    expect(await connections()).toEqual([])
    installation.suspended = false
    expect(await happens('unsuspend')).toContain('may work again on acme')
    expect(await connections()).toHaveLength(1)
    w.github.uninstall(installation)
    expect(await happens('deleted')).toContain('was uninstalled on acme')
    expect(await connections()).toEqual([])
    expect(await w.test.query('select 1 from github_installations')).toEqual([])
  })

  it('says what is in the way, and asks again later', async () => {
    const { id, app, installation } = await w.ofGithubCom('acme/shop')
    w.github.down(500)
    await w.deliverAs(app, 'installation', installationEvent('created', installation))
    await w.judgeAll()
    await w.refresh()

    const [shown] = (await w.api('viewer', 'GET', `/github-apps/${id}`)).json.installations
    expect(shown.fault).toBe('GitHub answered 500 about the installation. Try again in a while')
    expect(await repositories()).toEqual(['acme/shop'])
    w.github.down(null)
    w.clock.advance(61_000)
    await w.refresh()
    expect((await w.api('viewer', 'GET', `/github-apps/${id}`)).json.installations[0].fault).toBeNull()
  })

  it('is not believed with the secret of a single repository', async () => {
    const { installation } = await w.ofGithubCom('acme/shop')
    await w.site({ slug: 'blog', repository_url: 'https://github.com/acme/blog.git' })
    const secret = await w.connect('https://github.com/acme/blog.git')
    const repository = { clone_url: 'https://github.com/acme/blog.git' }
    w.github.uninstall(installation)

    const body = { ...installationEvent('deleted', installation), repository }
    expect((await w.deliver(secret, body, { 'x-github-event': 'installation' })).status).toBe(202)
    await w.judgeAll()
    await w.refresh()

    expect(await outcomes()).toEqual(['not-used'])
    expect(await w.test.query('select 1 from github_installations')).toHaveLength(1)
  })
})
