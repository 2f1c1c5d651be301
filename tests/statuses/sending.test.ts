import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { catchUp } from '../../server/platform/events/reader.js'
import { claimMs } from '../../server/statuses/rules.js'
import { forgetOldStatuses, sendDue, statusReader, takeDue } from '../../server/statuses/statuses.js'
import { days, minutes } from '../support/clock.js'
import { sha } from '../support/push-world.js'
import { hostToken, type StatusWorld, statusWorld } from '../support/status-world.js'

let w: StatusWorld
beforeAll(async () => {
  w = await statusWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  w.host.answer = (_req, res) => res.writeHead(201).end('{"id":1}')
})

const answers = (status: number, headers: Record<string, string> = {}) => {
  w.host.answer = (_req, res) => res.writeHead(status, headers).end('{"message":"canary of the host"}')
}
const states = () => w.sent().map(([, , { state }]) => state)
const beginGitea = async () => {
  await w.begin('gitea')
}
/** Deploy 1 is asked for with a commit, begins and is live. */
const wholeDeploy = async () => {
  await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
  await w.happens('began', 1, 'a')
  await w.happens('succeeded', 1, 'a')
}

describe('telling hosts of deploys', () => {
  it('goes to GitLab in its own words', async () => {
    await w.begin('gitlab')
    await wholeDeploy()
    await w.turn()

    expect(w.sent().map(([method, url]) => `${method} ${url}`)).toEqual(
      Array(3).fill(`POST /projects/acme%2Fshop/statuses/${sha('a')}`),
    )
    expect(states()).toEqual(['pending', 'running', 'success'])
    expect(w.sent()[0]?.[2]).toMatchObject({ name: 'hostler/acme/shop' })
    expect(w.host.requests[0]?.headers['private-token']).toBe(hostToken)
  })

  it('takes GitLab’s refusal of a state that the commit has already for what it is', async () => {
    await w.begin('gitlab')
    w.host.answer = (_req, res) =>
      res.writeHead(400).end('{"message":"Cannot transition status via :enqueue from :pending"}')
    await wholeDeploy()
    await w.turn()

    expect((await w.rows()).map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'sent'])
    expect(await w.fault()).toBeNull()
  })

  it('goes to Gitea and Forgejo', async () => {
    await beginGitea()
    await wholeDeploy()
    await w.turn()

    expect(w.sent()[2]).toMatchObject([
      ...['POST', `/repos/acme/shop/statuses/${sha('a')}`],
      { state: 'success', context: 'hostler/acme/shop', description: 'Deploy 1 is live' },
    ])
    expect(w.host.requests[0]?.headers.authorization).toBe(`token ${hostToken}`)
  })

  it('writes each event down once, however often and by how many it is read', async () => {
    await beginGitea()
    await wholeDeploy()
    const read = () => catchUp(w.services.db, statusReader(w.services))
    await Promise.all([read(), read()])
    await w.test.query('delete from event_cursors')
    await Promise.all([read(), read()])

    expect((await w.rows()).map(({ state }) => state)).toEqual(['queued', 'running', 'live'])
  })

  it('sends those of one commit in order, also when several send at once', async () => {
    await beginGitea()
    await wholeDeploy()
    await catchUp(w.services.db, statusReader(w.services))
    const { signal } = new AbortController()
    await Promise.all([sendDue(w.services, signal), sendDue(w.services, signal), sendDue(w.services, signal)])
    await sendDue(w.services, signal)

    expect(states()).toEqual(['pending', 'pending', 'success'])
  })

  it('sends again what a worker had in hand when it was killed: between sending and recording, too', async () => {
    await beginGitea()
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
    await catchUp(w.services.db, statusReader(w.services))
    expect(await takeDue(w.services)).toMatchObject({ state: 'queued' })
    await w.turn()
    expect(w.sent()).toEqual([])

    w.clock.advance(claimMs)
    await w.turn()
    // Sent, and then everything about it is forgotten.
    await w.test.query('update commit_statuses set outcome = null, ended_at = null')
    w.clock.advance(claimMs)
    await w.turn()

    expect(w.sent()[1]).toEqual(w.sent()[0])
    expect(await w.rows()).toMatchObject([{ outcome: 'sent' }])
  })

  it('holds up no deploy: with a host that is down it tries again, later and later, and in order', async () => {
    await beginGitea()
    answers(503)
    await wholeDeploy()
    await w.turn()
    await w.turn()
    expect(w.sent()).toHaveLength(1)
    expect(await w.fault()).toBe('Gitea or Forgejo answered 503')

    for (const wait of [5000, 10_000]) {
      w.clock.advance(wait)
      await w.turn()
    }
    expect(states()).toEqual(['pending', 'pending', 'pending'])
    answers(201)
    w.clock.advance(20_000)
    await w.turn()

    expect(states().slice(3)).toEqual(['pending', 'pending', 'success'])
    expect(await w.fault()).toBeNull()
  })

  it('waits as long as the host asks for, with all that goes there', async () => {
    await beginGitea()
    answers(429, { 'retry-after': '120' })
    await wholeDeploy()
    await w.turn()
    answers(201)
    w.clock.advance(119_000)
    await w.turn()
    expect(w.sent()).toHaveLength(1)

    w.clock.advance(1000)
    await w.turn()
    expect(w.sent()).toHaveLength(4)
  })

  it('gives up after a day, and says why on the page of the connection', async () => {
    await beginGitea()
    answers(502)
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
    await w.turn()
    w.clock.advance(days(1))
    await w.turn()

    expect(await w.rows()).toMatchObject([{ outcome: 'given-up', why: 'Gitea or Forgejo answered 502' }])
    const page = await w.panel.browser(w.people.viewer.cookie).get(`/teams/acme/connections/${w.connectionId}`)
    expect(page.text).toContain('Gitea or Forgejo answered 502. It was tried for a day and then given up')
  })

  it.each([
    [401, 'Gitea or Forgejo does not accept the token: it has expired or was revoked. Give the connection a new one'],
    [403, 'The token may not do this in acme/shop. It needs the right “repository: read and write”'],
    [
      404,
      'Gitea or Forgejo shows the token no repository acme/shop, or it lacks the right “repository: read and write”',
    ],
    [301, 'Gitea or Forgejo leads elsewhere: the repository may have been renamed. Connect it under its new address'],
  ])('says in words what a %i means, once in the feed, and goes on with a new token', async (status, why) => {
    await beginGitea()
    answers(status, { location: 'http://127.0.0.1:1/' })
    await wholeDeploy()
    await w.turn()
    w.clock.advance(minutes(1))
    await w.turn()

    expect((await w.api('viewer', 'GET', `/connections/${w.connectionId}`)).json.connection.statusesFault).toBe(why)
    const { items } = (await w.api('viewer', 'GET', '/activity')).json
    const told = items.filter(({ text }: { text: string }) => text.includes('could not show a deploy'))
    expect(told).toHaveLength(1)
    expect(JSON.stringify([items, await w.rows()])).not.toContain('canary')

    answers(201)
    const body = { token: 'another-token', apiUrl: w.host.url }
    await w.api('developer', 'PUT', `/connections/${w.connectionId}/token`, body)
    await w.turn()
    expect(states().slice(-3)).toEqual(['pending', 'pending', 'success'])
    expect(await w.fault()).toBeNull()
  })

  it('does not try again what the host will never take', async () => {
    await beginGitea()
    answers(422)
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
    await w.turn()

    expect(await w.rows()).toMatchObject([
      { outcome: 'given-up', why: 'Gitea or Forgejo did not take it for commit aaaaaaa (422)' },
    ])
  })

  it('SF-08: refuses at the sending what may no longer be reached, and writes it into the log', async () => {
    await beginGitea()
    await w.test.query(`update repository_connections set api_url = 'https://10.0.0.7/api/v1'`)
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
    await w.turn()

    expect(await w.rows()).toMatchObject([{ outcome: 'given-up' }])
    const [newest] = (await w.api('viewer', 'GET', '/activity')).json.items
    expect(newest.text).toContain('10.0.0.7 is not an address on the internet')
  })

  it('SF-06: keeps the token out of what it writes down and shows', async () => {
    await beginGitea()
    w.host.answer = (req) => req.socket.destroy()
    await wholeDeploy()
    await w.turn()

    const kept = [await w.rows(), await w.fault(), await w.test.query('select data from events')]
    expect(JSON.stringify(kept)).not.toContain('canary')
    expect(await w.fault()).toMatch(/^Could not speak with 127\.0\.0\.1/)
  })

  it('is silent without a token, and ends when it is removed', async () => {
    await beginGitea()
    answers(500)
    await w.api('developer', 'POST', '/sites/shop/deploys', { commit: sha('a') })
    await w.turn()
    await w.api('developer', 'DELETE', `/connections/${w.connectionId}/token`)
    await w.happens('began', 1, 'a')
    w.clock.advance(minutes(1))
    await w.turn()

    expect(await w.rows()).toMatchObject([{ state: 'queued', outcome: 'given-up', why: 'The token was removed' }])
    expect(await w.fault()).toBeNull()
    w.clock.advance(days(31))
    await forgetOldStatuses(w.services)
    expect(await w.rows()).toEqual([])
  })

  it('AZ-04: tells no host of another team’s deploys of the same repository', async () => {
    await beginGitea()
    await w.test.query('update repository_connections set team_id = $1', [w.rival.id])
    await wholeDeploy()
    await w.turn()

    expect(w.sent()).toEqual([])
  })
})
