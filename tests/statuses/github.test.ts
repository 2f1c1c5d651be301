import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { minutes } from '../support/clock.js'
import { githubDescription } from '../support/github-description.js'
import { needs } from '../support/parts.js'
import { sha } from '../support/push-world.js'
import { hostToken, type StatusWorld, statusWorld } from '../support/status-world.js'

let w: StatusWorld
const isDescribed = needs('github-description')
let faultsOf: ReturnType<typeof githubDescription>
let deployments: Record<string, unknown>[]
beforeAll(async () => {
  if (!isDescribed) return
  faultsOf = githubDescription()
  w = await statusWorld()
})
afterAll(() => w?.close())
beforeEach(async () => {
  if (!isDescribed) return
  await w.reset()
  deployments = []
  w.host.answer = (req, res) => {
    const last = w.host.requests.at(-1)
    const say = (status: number, body: unknown) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (req.method === 'GET') return say(200, deployments)
    if (!req.url?.endsWith('/deployments')) return say(201, { id: 1 })
    const made = { ...JSON.parse(last?.body ?? '{}'), id: randomInt(1, 2 ** 40) }
    deployments.push(made)
    return say(201, made)
  }
})

const statuses = () => w.sent().filter(([, url]) => url.startsWith('/repos/acme/shop/statuses/'))
const ofCommit = (letter: string) =>
  statuses()
    .filter(([, url]) => url.endsWith(sha(letter)))
    .map(([, , { state, description }]) => [state, description])
const ofDeployments = () => w.sent().filter(([, url]) => url.includes('/deployments'))

/** Asks for a deploy, which nobody pushed. */
const ask = async (): Promise<number> =>
  (await w.api('developer', 'POST', '/sites/shop/deploys', {})).json.deploy.number

describe.skipIf(!needs('github-description'))('GitHub', () => {
  it('is told of a deploy from the push to the end, as its published description asks', async () => {
    const secret = await w.begin()
    await w.push(secret, 'a')
    await w.turn()
    await w.happens('began', 1, 'a')
    await w.turn()
    await w.happens('succeeded', 1, 'a')
    await w.turn()

    const target = 'http://localhost:3000/teams/acme/sites/shop/deploys/1'
    const status = (state: string, description: string) => [
      'POST',
      `/repos/acme/shop/statuses/${sha('a')}`,
      { state, description, context: 'hostler/acme/shop', target_url: target },
    ]
    expect(statuses()).toEqual([
      status('pending', 'Deploy 1 waits for its turn'),
      status('pending', 'Deploy 1 is running'),
      status('success', 'Deploy 1 is live'),
    ])
    const [id] = deployments.map((one) => one.id)
    expect(ofDeployments().map(([method, url]) => `${method} ${url}`)).toEqual([
      `GET /repos/acme/shop/deployments?sha=${sha('a')}&environment=hostler%2Facme%2Fshop`,
      'POST /repos/acme/shop/deployments',
      `POST /repos/acme/shop/deployments/${id}/statuses`,
      `POST /repos/acme/shop/deployments/${id}/statuses`,
    ])
    expect(ofDeployments().map(([, , { state }]) => state)).toEqual([undefined, undefined, 'in_progress', 'success'])
    expect(ofDeployments().at(-1)?.[2]).toMatchObject({ log_url: target })
    expect(String(ofDeployments().at(-1)?.[2].environment_url)).toMatch(/^http:\/\/localhost:\d+\/?$/)
    expect(w.host.requests.flatMap(({ method, url, body }) => faultsOf(method, url, body))).toEqual([])
    expect(new Set(w.host.requests.map(({ headers }) => headers.authorization))).toEqual(
      new Set([`Bearer ${hostToken}`]),
    )
  })

  it('is told the address by which visitors find the site, once that is another than a port', async () => {
    const secret = await w.begin()
    await w.test.query("update sites set served_url = 'https://shop.example'")
    await w.push(secret, 'a')
    await w.happens('began', 1, 'a')
    await w.happens('succeeded', 1, 'a')
    await w.turn()

    expect(ofDeployments().at(-1)?.[2]).toMatchObject({ state: 'success', environment_url: 'https://shop.example' })
  })

  it('is told why a deploy failed, in one line of 140 characters at most', async () => {
    const secret = await w.begin()
    await w.push(secret, 'a')
    await w.happens('began', 1, 'a')
    await w.happens('failed', 1, 'a', `The build command\nfailed: ${'x'.repeat(200)}`)
    await w.turn()

    const [, , last] = statuses().at(-1) ?? []
    expect(last?.state).toBe('failure')
    expect(last?.description).toMatch(/^The build command failed: x+…$/)
    expect(String(last?.description)).toHaveLength(140)
    expect(ofDeployments().at(-1)?.[2]).toMatchObject({ state: 'failure' })
    expect(ofDeployments().at(-1)?.[2]).not.toHaveProperty('environment_url')
  })

  it('is told of a deploy that nobody pushed once its commit is known', async () => {
    await w.begin()
    await w.api('developer', 'POST', '/sites/shop/deploys', {})
    await w.turn()
    expect(w.sent()).toEqual([])

    await w.happens('began', 1, 'b')
    await w.turn()

    expect(statuses().map(([, url, { state }]) => [url, state])).toEqual([
      [`/repos/acme/shop/statuses/${sha('b')}`, 'pending'],
    ])
  })

  it('makes no second deployment when the first was not remembered', async () => {
    const secret = await w.begin()
    await w.push(secret, 'a')
    await w.happens('began', 1, 'a')
    await w.turn()
    await w.test.query('delete from host_deployments')

    await w.happens('succeeded', 1, 'a')
    await w.turn()

    expect(deployments).toHaveLength(1)
    expect(ofDeployments().at(-1)?.[2]).toMatchObject({ state: 'success' })
  })

  it('is not asked about by two voices: a token without both rights is told of by the first that it needs', async () => {
    await w.begin()
    w.host.answer = (_req, res) => res.writeHead(403).end()
    await w.happens('began', await ask(), 'a')
    for (const _ of Array(5)) {
      await w.turn()
      w.clock.advance(minutes(2))
    }

    expect(await w.fault()).toContain('“Commit statuses: read and write”')
    const { items } = (await w.api('viewer', 'GET', '/activity')).json
    const told = items.filter(({ text }: { text: string }) => text.includes('could not show a deploy'))
    expect(told.length).toBeLessThanOrEqual(2)
  })

  it('says which right of the token is missing when the other is there', async () => {
    await w.begin()
    const usual = w.host.answer
    w.host.answer = (req, res) => (req.url?.includes('/deployments') ? void res.writeHead(403).end() : usual(req, res))
    await w.happens('began', await ask(), 'a')
    await w.turn()
    await w.happens('succeeded', 1, 'a')
    await w.turn()

    expect(ofCommit('a').at(-1)).toEqual(['success', 'Deploy 1 is live'])
    expect(await w.fault()).toBe(
      'The token may not do this in acme/shop. It needs the right “Deployments: read and write”',
    )
  })

  it('leaves no commit waiting for ever: one that a newer took the place of is told so', async () => {
    const secret = await w.begin()
    await w.push(secret, 'a')
    await w.turn()
    await w.happens('began', 1, 'b')
    await w.turn()

    expect(ofCommit('a')).toEqual([
      ['pending', 'Deploy 1 waits for its turn'],
      ['error', 'Not deployed: a newer commit took its place'],
    ])
    expect(ofCommit('b')).toEqual([['pending', 'Deploy 1 is running']])
  })

  it('is told of a deploy that was folded into a newer one, and of one that was cancelled while it waited', async () => {
    const secret = await w.begin()
    await w.push(secret, 'a')
    await w.turn()
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('c') })
    await w.turn()
    await w.api('developer', 'POST', '/sites/shop/deploys/2/cancellation')
    await w.turn()

    expect(ofCommit('a')).toEqual([
      ['pending', 'Deploy 1 waits for its turn'],
      ['error', 'Not deployed: deploy 2 took its place'],
    ])
    expect(ofCommit('c')).toEqual([
      ['pending', 'Deploy 2 waits for its turn'],
      ['error', 'seeded cancelled it before it began'],
    ])
  })
})
