import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Browser } from '../support/panel.js'
import { type PushWorld, pushOf, pushWorld, shop } from '../support/push-world.js'

let w: PushWorld
let developer: Browser
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  developer = w.panel.browser(w.people.developer.cookie)
})

describe('connecting a repository', () => {
  it('shows the secret once, with what to fill in', async () => {
    expect((await developer.get('/teams/acme/connections')).text).toContain('No repository is connected')

    const made = await developer.post('/teams/acme/connections', { repositoryUrl: shop, host: '' })

    expect(made.status).toBe(201)
    const secret = /data-copy="([\w-]{43})"/.exec(made.text)?.[1] ?? ''
    expect(secret).not.toBe('')
    expect(made.text).toContain('http://localhost:3000/webhooks/github')
    expect(made.text).toContain('cannot reach this panel')
    const [row] = await w.test.query('select id, secret_sealed from repository_connections')
    expect(String(row?.secret_sealed)).not.toContain(secret)
    const again = await developer.get(`/teams/acme/connections/${row?.id}`)
    expect(again.text).not.toContain(secret)
    expect((await w.deliver(secret, pushOf())).status).toBe(202)
  })

  it.each([
    [
      'github',
      'https://github.com/acme/shop',
      '/settings/hooks/new',
      ['Payload URL', 'Content type', 'Secret', 'SSL verification', 'Which events'],
    ],
    [
      'gitlab',
      'https://gitlab.com/acme/shop',
      '/-/hooks',
      ['URL', 'Secret token', 'Signing token', 'Trigger', 'SSL verification'],
    ],
    [
      'gitea',
      'https://codeberg.org/acme/shop',
      '/settings/hooks/gitea/new',
      ['Target URL', 'HTTP method', 'POST content type', 'Secret', 'Trigger on'],
    ],
  ])(
    'says what to fill in at %s, field by field, right away and later',
    async (host, repositoryUrl, settings, fields) => {
      await developer.get('/teams/acme/connections')
      const made = await developer.post('/teams/acme/connections', { repositoryUrl, host: '' })
      const [row] = await w.test.query('select id, host from repository_connections')

      expect(row?.host).toBe(host)
      for (const { text } of [made, await developer.get(`/teams/acme/connections/${row?.id}`)]) {
        const steps = text.slice(text.indexOf('Make the webhook'))
        expect(steps).toContain(`href="${repositoryUrl}${settings}"`)
        expect(steps).toContain(`http://localhost:3000/webhooks/${host}`)
        const shown = [...steps.matchAll(/<dt>([^<]*)<\/dt>/g)].map(([, field]) => field)
        expect(shown.slice(0, fields.length)).toEqual(fields)
      }
    },
  )

  it('is refused beside the field: a wrong address, one that is connected, a host that nobody can tell', async () => {
    await w.connect()
    const ask = (repositoryUrl: string) => developer.post('/teams/acme/connections', { repositoryUrl, host: '' })
    await developer.get('/teams/acme/connections')

    expect((await ask('/etc/passwd')).text).toContain('is not that of a repository')
    expect((await ask('git@github.com:ACME/shop')).text).toContain('github.com/acme/shop is connected already')
    const unknown = await ask('https://git.example.com/acme/shop.git')
    expect(unknown.status).toBe(422)
    expect(unknown.text).toContain('Say which kind of host git.example.com is')
  })

  it('takes a new secret, and then refuses the old one', async () => {
    const old = await w.connect()
    const [row] = await w.test.query('select id from repository_connections')

    const { json } = await w.api('developer', 'POST', `/connections/${row?.id}/secret`)

    expect((await w.deliver(old, pushOf())).status).toBe(401)
    expect((await w.deliver(json.secret, pushOf())).status).toBe(202)
    expect((await w.api('viewer', 'POST', `/connections/${row?.id}/secret`)).status).toBe(403)
    expect((await w.api('stranger', 'POST', `/connections/${row?.id}/secret`)).status).toBe(404)
  })

  it('is forgotten with its deliveries, and told in the feed', async () => {
    const secret = await w.connect()
    await w.deliver(secret, pushOf())
    const [row] = await w.test.query('select id from repository_connections')
    await developer.get('/teams/acme/connections')

    await developer.post(`/teams/acme/connections/${row?.id}`, { _method: 'delete' })

    expect(await w.test.query('select 1 from webhook_deliveries')).toEqual([])
    const { json } = await w.api('viewer', 'GET', '/activity')
    expect(json.items[0].text).toBe('Developer forgot the connection to github.com/acme/shop')
  })
})

describe('the inbox', () => {
  it('answers "why did my push not deploy?" for each site', async () => {
    expect((await developer.get('/teams/acme/deliveries')).text).toContain('Nothing was pushed yet')
    await w.site({ slug: 'shop', name: 'Shop', branch: 'live' })
    const secret = await w.connect()
    await w.deliver(secret, pushOf())
    await w.deliver(
      secret,
      { zen: 'Design for failure.', repository: { clone_url: shop } },
      { 'x-github-event': 'ping' },
    )
    await w.judgeAll()

    const inbox = await developer.get('/teams/acme/deliveries')

    expect(inbox.text).toContain('It is about another branch. The site is pinned to live')
    expect(inbox.text).toContain('The host tried whether it reaches this panel')
    const [{ id }] = (await w.api('viewer', 'GET', '/deliveries?site=shop')).json.items
    const one = await developer.get(`/teams/acme/deliveries/${id}`)
    expect(one.text).toContain('Other branch')
    expect(one.text).toContain('&quot;refs/heads/main&quot;')
    expect(one.text).not.toContain('sha256=')
    const body = await developer.get(`/teams/acme/deliveries/${id}/body`)
    expect(JSON.parse(body.text)).toEqual(pushOf())
  })

  it('goes on page by page', async () => {
    const secret = await w.connect()
    for (const letter of ['a', 'b', 'c']) await w.deliver(secret, pushOf({ after: letter.repeat(40) }))
    await w.judgeAll()

    const first = (await w.api('viewer', 'GET', '/deliveries?limit=2')).json
    const second = (await w.api('viewer', 'GET', `/deliveries?limit=2&cursor=${first.nextCursor}`)).json

    const commits = [...first.items, ...second.items].map(({ commitSha }) => commitSha[0])
    expect(commits).toEqual(['c', 'b', 'a'])
    expect(second.nextCursor).toBeNull()
  })
})

describe('the pushes of a site', () => {
  it('are changed by a form, with errors beside the fields', async () => {
    await w.site({ slug: 'shop' })
    const at = '/teams/acme/sites/shop/pushes'
    expect((await developer.get(at)).text).toContain('It is not connected')
    const save = (fields: Record<string, string>) =>
      developer.post(at, { _method: 'put', branch: 'main', watchedPaths: '', ignoredPaths: '', ...fields })

    const refused = await save({ watchedPaths: 'apps/{a,b}/**', branch: 'a b' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('“apps/{a,b}/**”: a pattern knows *, ** and ? only')
    expect(refused.text).toContain('apps/{a,b}/**')
    expect(refused.text).toContain('This is not a branch name')
    expect(refused.text).not.toMatch(/name="autoDeploy"[^>]* checked/)
    expect(
      (await save({ branch: 'live', watchedPaths: ' apps/web/ \r\n\r\nlib/**', ignoredPaths: '**/*.md' })).status,
    ).toBe(303)

    const { json } = await w.api('viewer', 'GET', '/sites/shop/pushes')
    expect(json.pushes).toMatchObject({ autoDeploy: false, branch: 'live', watchedPaths: ['apps/web/', 'lib/**'] })
    const [event] = await w.test.query("select data from events where type = 'site.pushes-changed'")
    expect(event?.data).toMatchObject({ settings: ['auto deploy', 'branch', 'watched paths', 'ignored paths'] })
    expect((await w.api('viewer', 'PUT', '/sites/shop/pushes', { autoDeploy: true, branch: 'x' })).status).toBe(403)
    expect((await w.api('stranger', 'PUT', '/sites/shop/pushes', { autoDeploy: true, branch: 'x' })).status).toBe(404)
  })

  it('are held back by a freeze that says why and ends by itself', async () => {
    await w.site({ slug: 'shop' })
    await w.api('developer', 'PUT', '/sites/shop/freeze', { hours: '4', reason: 'Sale of the year' })

    expect((await developer.get('/teams/acme/sites/shop/pushes')).text).toContain('Sale of the year')
    expect((await w.api('developer', 'PUT', '/sites/shop/freeze', { hours: '5', reason: '' })).status).toBe(422)
    w.clock.advance(4 * 3600_000 + 1)
    expect((await w.api('viewer', 'GET', '/sites/shop/pushes')).json.pushes.frozenUntil).toBeNull()
  })
})

describe('a deploy hook', () => {
  it('deploys when posted to, is shown once, and works until another is made', async () => {
    await w.site({ slug: 'shop' })
    const { json } = await w.api('developer', 'POST', '/sites/shop/deploy-hook')
    const hook = new URL(json.url).pathname
    const post = () => fetch(w.panel.url + hook, { method: 'POST' })

    expect(await (await post()).json()).toEqual({ deploy: 1, state: 'requested' })
    expect(await (await post()).json()).toEqual({ deploy: 1, state: 'waiting already' })

    const [row] = await w.test.query<{ deploy_hook_hash: Buffer }>('select deploy_hook_hash from sites')
    expect(row?.deploy_hook_hash.toString('base64url')).not.toBe(hook.split('/').at(-1))
    expect((await developer.get('/teams/acme/sites/shop/pushes')).text).not.toContain(hook)
    expect((await fetch(w.panel.url + hook)).status).toBe(405)
    await w.api('developer', 'POST', '/sites/shop/deploy-hook')
    expect((await post()).status).toBe(404)
    expect((await fetch(`${w.panel.url}/deploy-hooks/x`, { method: 'POST' })).status).toBe(404)
  })

  it('takes what hosts send to webhooks, and reads nothing of it', async () => {
    await w.site({ slug: 'shop' })
    const { json } = await w.api('developer', 'POST', '/sites/shop/deploy-hook')

    const body = 'x'.repeat(1024 * 1024)
    expect((await fetch(w.panel.url + new URL(json.url).pathname, { method: 'POST', body })).status).toBe(202)
  })

  it('of a site whose pushes are held back is refused with the reason, and deploys nothing', async () => {
    await w.site({ slug: 'shop' })
    const { json } = await w.api('developer', 'POST', '/sites/shop/deploy-hook')
    await w.api('developer', 'PUT', '/sites/shop/freeze', { hours: '4', reason: 'Sale of the year' })

    const answer = await fetch(w.panel.url + new URL(json.url).pathname, { method: 'POST' })

    expect(answer.status).toBe(409)
    expect(JSON.stringify(await answer.json())).toContain('Sale of the year')
    expect(await w.test.query('select 1 from deploys')).toEqual([])
  })

  it('is gone once it is removed, which only who may change the site can do, and the feed tells of it', async () => {
    await w.site({ slug: 'shop', name: 'Shop' })
    const { json } = await w.api('developer', 'POST', '/sites/shop/deploy-hook')
    const post = () => fetch(w.panel.url + new URL(json.url).pathname, { method: 'POST' })
    expect((await w.api('viewer', 'DELETE', '/sites/shop/deploy-hook')).status).toBe(403)
    expect((await w.api('stranger', 'DELETE', '/sites/shop/deploy-hook')).status).toBe(404)
    expect((await post()).status).toBe(202)
    expect((await developer.get('/teams/acme/sites/shop/pushes')).text).toContain('value="delete"')

    const removed = await developer.post('/teams/acme/sites/shop/deploy-hook', { _method: 'delete' })

    expect(removed.status).toBe(303)
    expect((await post()).status).toBe(404)
    expect((await w.api('viewer', 'GET', '/sites/shop/pushes')).json.pushes.hasDeployHook).toBe(false)
    expect((await w.api('viewer', 'GET', '/activity')).json.items[0].text).toBe(
      'Developer removed the deploy hook of the site Shop',
    )
    expect((await w.api('developer', 'DELETE', '/sites/shop/deploy-hook')).status).toBe(200)
    expect(await w.test.query("select 1 from events where type = 'site.deploy-hook-removed'")).toHaveLength(1)
  })

  it('of a site that takes no deploys is refused with the reason', async () => {
    await w.site({ slug: 'shop' })
    const { json } = await w.api('developer', 'POST', '/sites/shop/deploy-hook')
    await w.test.query("update sites set state = 'deactivated'")

    const answer = await fetch(w.panel.url + new URL(json.url).pathname, { method: 'POST' })

    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ title: expect.stringContaining('deactivated') })
  })
})
