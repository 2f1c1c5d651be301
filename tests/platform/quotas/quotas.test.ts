import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pathOf } from '../../../server/platform/http/doors.js'
import { type QuotaName, quotas } from '../../../server/platform/quotas/limits.js'
import { routes } from '../../../server/routes.js'
import { minutes } from '../../support/clock.js'
import { makeServer, makeSite } from '../../support/make.js'
import { startTestPanel } from '../../support/panel.js'
import { type PushWorld, pushOf, pushWorld } from '../../support/push-world.js'

let w: PushWorld
let secret: string
beforeAll(async () => {
  w = await pushWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  await w.site({ slug: 'blog', name: 'Blog' })
  secret = await w.connect()
})

/** As if the team had done it so often already. */
const spent = (name: QuotaName, count: number = quotas[name].most, team = w.acme) =>
  w.test.query(
    `insert into quota_counts (team_id, name, count, window_ends_at) values ($1, $2, $3, $4)
     on conflict (team_id, name) do update set count = $3, window_ends_at = $4`,
    [team.id, name, count, new Date(w.clock.now().getTime() + minutes(10))],
  )

describe('what a team may do only so often', () => {
  it('RL-07: is said by its routes', () => {
    const counted = routes.filter(({ options }) => options.quota !== undefined)

    expect(
      counted.map((route) => `${route.method} ${pathOf(route).replace('/teams/:team', '')} ${route.options.quota}`),
    ).toEqual([
      'post /domain-claims/:claim/checks dns-checks',
      'post /invitations invitations',
      'post /invitations/:invitation/deliveries invitations',
      'post /audit/exports exports',
      'get /sites/:site/logs log-readings',
      'get /sites/:site/logs/stream log-readings',
      'get /sites/:site/logs/file log-readings',
      'post /sites/:site/deploys deploys',
      'post /sites/:site/rollbacks deploys',
      'post /sites/:site/domains certificates',
      'post /sites/:site/domains/:domain/check dns-checks',
      'put /sites/:site/domains/:domain/dns-challenge certificates',
      'post /sites/:site/domains/:domain/dns-challenge/retries certificates',
      'post /servers/:server/sites-domain/check dns-checks',
      'put /servers/:server/sites-domain/dns-challenge certificates',
      'post /servers/:server/sites-domain/dns-challenge/retries certificates',
    ])
  })

  it.each<[QuotaName, () => Promise<{ status: number }>]>([
    ['deploys', () => w.api('owner', 'POST', '/sites/blog/deploys', {})],
    ['certificates', () => w.api('owner', 'POST', '/sites/blog/domains', { name: 'blog.example.com' })],
    ['log-readings', () => w.api('owner', 'GET', '/sites/blog/logs')],
    ['log-searches', () => w.api('owner', 'GET', '/audit?words=site')],
    ['exports', () => page('/audit/exports', { format: 'csv' })],
    ['deliveries', () => w.deliver(secret, pushOf())],
    ['deploys', async () => fetch(await hook(), { method: 'POST' })],
  ])('RL-07: %s come to an end, and go on in the next window', async (name, act) => {
    await spent(name, quotas[name].most - 1)
    const allowed = (await act()).status
    expect(allowed).not.toBe(429)

    await spent(name)
    expect((await act()).status).toBe(429)
    w.clock.advance(minutes(10))
    expect((await act()).status).not.toBe(429)
    expect(await w.test.query('select count from quota_counts where name = $1', [name])).toEqual([{ count: 1 }])
  })
  const page = async (path: string, fields: Record<string, string>) => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile')
    return browser.post(`/teams/acme${path}`, fields)
  }
  const hook = async () => {
    const { json } = await w.api('owner', 'POST', '/sites/blog/deploy-hook')
    return w.panel.url + new URL(json.url).pathname
  }

  it('RL-07: is told with when it goes on, to people and to programs', async () => {
    await spent('deploys')

    const answer = await fetch(`${w.panel.url}/api/v1/teams/acme/sites/blog/deploys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${w.people.owner.apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '600'])
    expect(await answer.json()).toMatchObject({
      title: 'The team has had its 1,000 deploys in an hour',
      detail: expect.stringMatching(/^There are more at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/),
    })
    expect((await page('/sites/blog/deploys', {})).text).toContain('The team has had its 1,000 deploys in an hour')
    expect(await w.test.query('select 1 from deploys')).toEqual([])
  })

  it('RL-07, RC-01: is counted by all processes together, for each team alone, and lets nobody past the end', async () => {
    await spent('log-searches', quotas['log-searches'].most - 1)
    const second = await startTestPanel({ services: { ...w.services }, authorizer: w.authorizer })
    try {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, one) =>
          fetch(`${one % 2 ? second.url : w.panel.url}/teams/acme/audit?words=site`, {
            headers: { cookie: w.people.owner.cookie },
          }),
        ),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(49)
    } finally {
      await second.close()
    }
    expect((await w.api('stranger', 'GET', '/audit?words=site')).status).toBe(200)
  })

  it('RL-07: is not used up by who may not do it, nor by what cannot be read', async () => {
    expect((await w.api('viewer', 'POST', '/sites/blog/deploys', {})).status).toBe(403)
    expect((await w.api('owner', 'POST', '/sites/blog/deploys', { commit: 7 })).status).toBe(422)
    expect((await w.deliver('another secret', pushOf())).status).toBe(401)

    expect(await w.test.query('select * from quota_counts')).toEqual([])
  })

  it('RL-07: a flood of one team’s webhooks takes nothing from another’s', async () => {
    const server = await makeServer(w.test, w.rival)
    await makeSite(w.test, server, w.rival, { slug: 'theirs', name: 'Theirs' })
    const theirs = await w.connect('https://github.com/rival/theirs.git', 'github', 'stranger')
    await spent('deliveries')
    const theirPush = pushOf({ repository: { clone_url: 'https://github.com/rival/theirs.git' } })

    const [ours, others] = await Promise.all([w.deliver(secret, pushOf()), w.deliver(theirs, theirPush)])

    expect([ours.status, others.status]).toEqual([429, 202])
  })
})
