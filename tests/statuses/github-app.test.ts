import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { append } from '../../server/platform/events/append.js'
import { catchUp } from '../../server/platform/events/reader.js'
import { sendDue, statusReader } from '../../server/statuses/statuses.js'
import { minutes } from '../support/clock.js'
import { type GithubWorld, githubWorld } from '../support/github-world.js'
import { pushOf, sha } from '../support/push-world.js'

let w: GithubWorld
beforeAll(async () => {
  w = await githubWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  w.github.answer = (req, res) => {
    const say = (status: number, body: unknown) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (req.method === 'GET') return say(200, [])
    const { payload } = JSON.parse(w.github.sink.requests.at(-1)?.body ?? '{}')
    return say(201, { id: 7, payload })
  }
})

const turn = async () => {
  await catchUp(w.services.db, statusReader(w.services))
  await sendDue(w.services, new AbortController().signal)
}
/** A push that the app tells of, and a deploy that began. */
const begun = async () => {
  const { id: siteId } = await w.site({ slug: 'shop' })
  const made = await w.ofGithubCom('acme/shop')
  await w.deliverAs(made.app, 'push', pushOf({ installation: { id: made.installation.id } }))
  await w.judgeAll()
  w.github.sink.requests.length = 0
  return { ...made, siteId }
}
const happens = (siteId: string, type: 'began' | 'succeeded') =>
  TeamCtx.system(w.services, w.acme).transaction((tx) =>
    append(tx, {
      type: `deploy.${type}`,
      subject: { kind: 'site', id: siteId },
      data: { deploy: 1, commit: sha('a') },
    }),
  )
const sent = () =>
  w.github.sink.requests
    .filter(({ method, url }) => method === 'POST' && url.includes('/repos/'))
    .map(({ url, body }) => [url.replace('/api/v3/repos/acme/shop', ''), JSON.parse(body).state])
const fault = async () => (await w.api('viewer', 'GET', '/connections')).json.connections[0].statusesFault

describe('a repository of an installation', () => {
  it('shows how deploys go, with no token that somebody pasted', async () => {
    const { siteId } = await begun()
    await turn()
    await happens(siteId, 'began')
    await turn()
    await happens(siteId, 'succeeded')
    await turn()

    const [ofDeployments, ofCommit] = [true, false].map((is) =>
      sent().filter(([url]) => url?.startsWith('/deployments') === is),
    )
    expect(ofCommit).toEqual(['pending', 'pending', 'success'].map((state) => [`/statuses/${sha('a')}`, state]))
    expect(ofDeployments).toEqual([
      ['/deployments', undefined],
      ['/deployments/7/statuses', 'in_progress'],
      ['/deployments/7/statuses', 'success'],
    ])
    const tokens = w.github.sink.requests
      .filter(({ url }) => url.includes('/repos/'))
      .map(({ headers }) => headers.authorization)
    expect(new Set(tokens).size).toBe(1)
    expect(w.github.faults()).toEqual([])
  })

  it('asks for another token when GitHub took the one of before back', async () => {
    const { siteId } = await begun()
    await turn()
    w.github.tokens.clear()
    await happens(siteId, 'began')
    await turn()
    w.clock.advance(minutes(1))
    await turn()

    expect(sent().filter(([url]) => url?.startsWith('/statuses')).length).toBeGreaterThan(1)
    expect(await w.test.query("select 1 from commit_statuses where outcome is distinct from 'sent'")).toEqual([])
    expect(await fault()).toBeNull()
  })

  it('says what is in the way when the installation was suspended, and goes on when it is not any more', async () => {
    const { installation } = await begun()
    installation.suspended = true
    await w.test.query('delete from github_tokens')
    await turn()
    expect(await fault()).toContain('GitHub does not let the app ask for a token')

    installation.suspended = false
    w.clock.advance(minutes(1))
    await turn()
    expect(await fault()).toBeNull()
    expect(sent()).toHaveLength(1)
  })

  it('says which right the app lacks', async () => {
    await begun()
    w.github.answer = (_req, res) => res.writeHead(403).end()
    await turn()

    expect(await fault()).toBe(
      'The app may not do this in acme/shop. It needs the right “Commit statuses: read and write”',
    )
  })
})
