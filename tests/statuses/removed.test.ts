import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { append } from '../../server/platform/events/append.js'
import { catchUp } from '../../server/platform/events/reader.js'
import { statusReader } from '../../server/statuses/statuses.js'
import { minutes } from '../support/clock.js'
import { githubDescription } from '../support/github-description.js'
import { needs } from '../support/parts.js'
import { sha } from '../support/push-world.js'
import { type StatusWorld, statusWorld } from '../support/status-world.js'

let w: StatusWorld
let faultsOf: ReturnType<typeof githubDescription>
/** What GitHub has: each deployment with the states that it was given. */
let known: { id: number; sha: string; environment: string; payload: unknown; states: unknown[] }[]
beforeAll(async () => {
  if (!needs('github-description')) return
  faultsOf = githubDescription()
  w = await statusWorld()
})
afterAll(() => w?.close())
beforeEach(async () => {
  if (!w) return
  await w.reset()
  known = []
  w.host.answer = (req, res) => {
    const body = JSON.parse(w.host.requests.at(-1)?.body || '{}')
    const { pathname, searchParams } = new URL(req.url ?? '', 'http://host')
    const say = (status: number, answer: unknown) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    const isAsked = (one: (typeof known)[number]) =>
      one.sha === searchParams.get('sha') && one.environment === searchParams.get('environment')
    if (req.method === 'GET') return say(200, known.filter(isAsked))
    if (!pathname.includes('/deployments')) return say(201, { id: 1 })
    const of = known.find(({ id }) => pathname.includes(`/${id}/`))
    if (of) return say(201, { id: of.states.push(body.state) })
    known.push({ ...body, id: randomInt(1, 2 ** 40), sha: body.ref, states: [] })
    return say(201, known.at(-1))
  }
})

/** A deploy of that site that became live, as the worker writes it down. */
const live = async (slug: string, letter: string) => {
  const { number } = (await w.api('developer', 'POST', `/sites/${slug}/deploys`, { commit: sha(letter) })).json.deploy
  const [site] = await w.test.query<{ id: string }>('select id from sites where slug = $1', [slug])
  const of = 'site_id = $1 and number = $2'
  await w.test.query(`update deploys set commit_sha = $3 where ${of}`, [site?.id, number, sha(letter)])
  const operation = `(select operation_id from deploys where ${of})`
  await w.test.query(`update operations set status = 'succeeded', ended_at = now() where id = ${operation}`, [
    ...[site?.id, number],
  ])
  for (const type of ['began', 'succeeded'] as const)
    await TeamCtx.system(w.services, w.acme).transaction((tx) =>
      append(tx, {
        type: `deploy.${type}`,
        subject: { kind: 'site', id: site?.id ?? '' },
        data: { deploy: number, commit: sha(letter) },
      }),
    )
  await w.turn()
}
/** Where its server is gone for good, a site goes at once, with its previews. */
const remove = async () => {
  await w.test.query("update servers set status = 'unreachable'")
  const { status } = await w.api('owner', 'DELETE', '/sites/shop', { confirm: 'Shop', leaveBehind: true })
  expect(status).toBeLessThan(300)
  w.host.requests.length = 0
}
const states = () => known.map(({ environment, states }) => [environment, ...states])

describe.skipIf(!needs('github-description'))('a site that is removed', () => {
  it('leaves no deployment that GitHub shows as being there, neither its own nor that of a preview', async () => {
    await w.begin()
    await w.site({ slug: 'shop-pr-12', name: 'Shop PR 12', preview_of: w.siteId })
    await live('shop', 'a')
    await live('shop-pr-12', 'b')
    await remove()
    await w.turn()

    expect(states()).toEqual([
      ['hostler/acme/shop', 'in_progress', 'success', 'inactive'],
      ['hostler/acme/shop-pr-12', 'in_progress', 'success', 'inactive'],
    ])
    const told = w.sent().filter(([method]) => method === 'POST')
    expect(told.map(([, , body]) => body)).toEqual([
      { state: 'inactive', description: 'The site was deleted' },
      { state: 'inactive', description: 'The site was deleted' },
    ])
    expect(w.host.requests.flatMap(({ method, url, body }) => faultsOf(method, url, body))).toEqual([])
  })

  it('is told of the last deploy that was live, whatever came after it, and once', async () => {
    await w.begin()
    await live('shop', 'a')
    await live('shop', 'b')
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('c') })
    await w.happens('began', 3, 'c')
    await w.happens('failed', 3, 'c', 'The build command failed')
    await w.turn()
    await remove()
    await w.turn()
    await w.test.query('delete from event_cursors')
    await w.turn()

    expect(known.map(({ states: [, ...rest] }) => rest)).toEqual([['success'], ['success', 'inactive'], ['failure']])
  })

  it('ends what its commits were told of deploys that it cut short, whether they had begun or not, and once', async () => {
    await w.begin()
    await live('shop', 'a')
    for (const letter of ['b', 'c']) await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha(letter) })
    await w.test.query(`update operations set status = 'running', started_at = now() where status = 'queued'
      and id = (select operation_id from deploys where number = 2)`)
    await w.happens('began', 2, 'b')
    await w.turn()
    await remove()
    await w.turn()
    await w.test.query('delete from event_cursors')
    await w.turn()

    const told = w.sent().filter(([method, url]) => method === 'POST' && url.includes('/statuses/'))
    const cancelled = { state: 'error', description: 'The site was deleted', context: 'hostler/acme/shop' }
    expect(new Map(told.map(([, url, body]) => [url.split('/').at(-1), body]))).toEqual(
      new Map([
        [sha('b'), { ...cancelled, target_url: 'http://localhost:3000/teams/acme/sites' }],
        [sha('c'), { ...cancelled, target_url: 'http://localhost:3000/teams/acme/sites' }],
      ]),
    )
    expect(told).toHaveLength(2)
    expect(states()).toContainEqual(['hostler/acme/shop', 'in_progress', 'inactive'])
  })

  it('ends them where it was never live and no host has deployments', async () => {
    await w.begin('gitlab')
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('c') })
    await w.turn()
    await remove()
    await w.turn()

    expect(w.sent().map(([, , { state }]) => state)).toEqual(['canceled'])
  })

  it('is told of again where GitHub did not answer, as every status is', async () => {
    await w.begin()
    await live('shop', 'a')
    const usual = w.host.answer
    await remove()
    w.host.answer = (_req, res) => res.writeHead(503).end()
    await w.turn()
    expect(states()).toEqual([['hostler/acme/shop', 'in_progress', 'success']])

    w.host.answer = usual
    w.clock.advance(minutes(1))
    await w.turn()

    expect(states()).toEqual([['hostler/acme/shop', 'in_progress', 'success', 'inactive']])
  })

  it('makes no deployment to end it: not where GitHub has none, and not where it was never live', async () => {
    await w.begin()
    await live('shop', 'a')
    known = []
    await remove()
    await w.turn()
    expect(w.sent().map(([method]) => method)).toEqual(['GET'])
    expect(await w.fault()).toBeNull()

    await w.reset()
    await w.begin()
    await remove()
    await w.turn()
    expect(w.sent()).toEqual([])
  })

  it('is nothing to hosts without deployments', async () => {
    await w.begin('gitlab')
    await live('shop', 'a')
    await remove()
    await catchUp(w.services.db, statusReader(w.services))

    expect((await w.rows()).map(({ state }) => state)).not.toContain('removed')
  })
})
