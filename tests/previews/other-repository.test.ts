import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askPullRequestsHandler } from '../../jobs/previews/ask-pull-requests.js'
import { bringDue } from '../../server/previews/previews.js'
import { minutes } from '../support/clock.js'
import { type PreviewWorld, previewWorld, pullOf } from '../support/preview-world.js'
import { sha } from '../support/push-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  w.host.answer = ({ method, url }, res) =>
    method === 'GET' ? res.end('[]') : res.end(JSON.stringify({ id: Number(url?.length), body: said() }))
})

const said = (): string => JSON.parse(w.host.requests.at(-1)?.body ?? '{}').body
const other = 'https://github.com/acme/other.git'
const change = (repositoryUrl: string) =>
  w.api('developer', 'PUT', '/sites/shop/source', { repositoryUrl, access: 'none' })

/** As its own webhook tells of a pull request of the other repository. */
const pullOfOther = async (key: string, fields: Record<string, unknown>) => {
  const addresses = { clone_url: other, ssh_url: 'git@github.com:acme/other.git', html_url: other.slice(0, -4) }
  await w.deliver(key, { ...pullOf(fields), repository: addresses }, { 'x-github-event': 'pull_request' })
  await w.judgeAll()
}

/** A site with a preview that its pull request was told of. */
async function begin(): Promise<string> {
  const key = await w.begin()
  await w.giveToken()
  await w.pull(key, { at: 5 })
  await w.turn()
  await w.tell()
  return key
}

describe('a site that gets another repository', () => {
  it('loses the previews of the one before, whose pull requests are told so there', async () => {
    await begin()
    w.host.requests.length = 0

    await change(other)
    await w.turn()
    await w.tell()

    expect(await w.copies()).toMatchObject([{ slug: 'shop-pr-12', going: true }])
    await w.test.query('delete from sites where preview_of is not null')
    w.clock.advance(minutes(1))
    await w.turn()
    await w.tell()
    expect(await w.previews()).toMatchObject([
      { state: 'none', isOpen: false, text: 'The site has another repository now' },
    ])
    expect(said()).toContain('| Status | The site has another repository now |')
    expect(w.host.requests.map(({ url }) => url).filter((url) => !url.startsWith('/repos/acme/shop/'))).toEqual([])
  })

  it('makes and deploys nothing more of the one before, also while nobody has read yet that it has another', async () => {
    const key = await begin()
    await w.pull(key, { at: 6, letter: 'd' })
    await w.pull(key, { at: 6, number: 13 })

    await change(other)
    await bringDue(w.services, new AbortController().signal)

    expect(await w.copies()).toMatchObject([{ slug: 'shop-pr-12', pinned_commit: sha('b'), going: true }])
    const text = 'The site has another repository now'
    expect(await w.previews()).toMatchObject([
      { number: 13, state: 'none', text },
      { number: 12, state: 'going' },
    ])
  })

  it('has a pull request of the same number there for another one, however old', async () => {
    await begin()
    await change(other)
    await w.turn()
    await w.test.query('delete from sites where preview_of is not null')
    const key = await w.connect(other)

    await pullOfOther(key, { letter: 'd', at: 1 })
    await w.turn()
    await w.turn()

    expect((await w.verdicts()).map(({ verdict }) => verdict)).toEqual(['preview', 'preview'])
    expect(await w.copies()).toMatchObject([{ pinned_commit: sha('d'), going: false }])
    expect(await w.previews()).toMatchObject([
      { number: 12, isOpen: true, state: 'deploying', commit: sha('d') },
      { number: 12, isOpen: false, state: 'none', commit: sha('b') },
    ])
    expect((await w.api('developer', 'DELETE', '/sites/shop/previews/12')).json.previews).toMatchObject([
      { isOpen: true, state: 'going' },
      { isOpen: false, state: 'none', text: 'The site has another repository now' },
    ])
  })

  it('keeps them where only the way in is another, or the address is', async () => {
    await begin()
    await change('https://github.com/ACME/shop')
    await w.turn()

    expect(await w.copies()).toMatchObject([{ going: false }])
  })

  it('hears nothing of what the one before answers, when it was asked before that', async () => {
    await begin()
    w.clock.advance(minutes(5))
    w.host.answer = async (_req, res) => {
      await change(other)
      res.end(JSON.stringify(pullOf({ at: 9, letter: 'd' }).pull_request))
    }

    await askPullRequestsHandler.run({}, { services: w.services, signal: new AbortController().signal })

    expect(await w.test.query('select head_commit from previews')).toEqual([{ head_commit: sha('b') }])
    // Nor is it asked again.
    w.clock.advance(minutes(60))
    w.host.requests.length = 0
    await askPullRequestsHandler.run({}, { services: w.services, signal: new AbortController().signal })
    expect(w.host.requests).toEqual([])
  })
})
