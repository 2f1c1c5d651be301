import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimBring } from '../../server/previews/queries.js'
import { minutes } from '../support/clock.js'
import { type PreviewWorld, previewWorld, pullOf } from '../support/preview-world.js'

let w: PreviewWorld
beforeAll(async () => {
  w = await previewWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const verdicts = async () => (await w.verdicts()).map(({ verdict, detail }) => [verdict, detail])
const close = (state: string) =>
  w.test.query("update sites set state = $1, state_reason = 'Not paid' where slug = 'shop'", [state])
const deliveries = () => w.test.query<{ id: string }>('select id from webhook_deliveries order by received_at, id')
const replay = async () => {
  const [delivery] = await deliveries()
  expect((await w.api('developer', 'POST', `/deliveries/${delivery?.id}/replays`)).status).toBe(201)
}

describe('the verdict of a pull request', () => {
  it('is that the site is closed, whether it was heard of before or not, until the site takes deploys again', async () => {
    const key = await w.begin()
    await w.pull(key)
    await close('suspended')

    await w.pull(key, { letter: 'c', at: 2 })
    await w.pull(key, { number: 13 })
    await w.pull(key, { number: 12, letter: 'c', at: 3, title: 'Another title' })
    await close('active')
    await w.pull(key, { number: 12, letter: 'c', at: 4, title: 'A third title' })

    expect(await verdicts()).toEqual([
      ['preview', null],
      ...Array(3).fill(['site-closed', 'Not paid']),
      ['preview', null],
    ])
  })

  it('is that it was closed, or needs nothing, also where the site is closed', async () => {
    const key = await w.begin()
    await w.pull(key)
    await close('suspended')
    await w.pull(key, { state: 'closed', at: 2 })
    await w.pull(key, { base: { ref: 'next', repo: { id: 1 } }, at: 3 })

    expect((await w.verdicts()).map(({ verdict }) => verdict)).toEqual(['preview', 'preview-removed', 'other-branch'])
  })

  it('is that there is no room where others were promised all of it, before any of them is there', async () => {
    const key = await w.begin({ most: 2 })
    const told = [{ number: 12 }, { number: 13, repo: 2 }, { number: 14 }, { number: 15 }]
    for (const change of told) await w.deliver(key, pullOf(change), { 'x-github-event': 'pull_request' })
    await w.judgeAll()

    const rows = await w.test.query(
      'select verdict, detail from delivery_verdicts v join webhook_deliveries d on d.id = v.delivery_id order by d.received_at, d.id',
    )
    expect(rows.map(({ verdict }) => verdict)).toEqual(['preview', 'needs-approval', 'preview', 'no-room'])
    expect(rows.at(-1)?.detail).toBe('The site has at most 2 at once; it comes when another goes')
    await w.turn()
    expect((await w.copies()).map(({ slug }) => slug)).toEqual(['shop-pr-12', 'shop-pr-14'])
  })

  it('is that it gets one where others wait as well, but it comes first', async () => {
    const key = await w.begin({ most: 1 })
    await w.pull(key)
    await w.turn()
    for (const number of [13, 14]) await w.pull(key, { number })
    await w.turn()
    await w.pull(key, { state: 'closed', at: 2 })
    await w.turn()

    for (const number of [13, 14]) await w.pull(key, { number, letter: 'c', at: 2 })
    await w.turn()

    const told = (await verdicts()).map(([verdict]) => verdict)
    expect(told).toEqual(['preview', 'no-room', 'no-room', 'preview-removed', 'preview', 'no-room'])
    expect((await w.copies()).filter(({ going }) => !going).map(({ slug }) => slug)).toEqual(['shop-pr-13'])
  })

  it('is that there is no room where another is just being made', async () => {
    const key = await w.begin({ most: 1 })
    await w.pull(key)
    const until = new Date(w.clock.now().getTime() + minutes(2))
    await w.services.db.asSystem((db) => claimBring(db, w.clock.now(), until))

    await w.pull(key, { number: 13 })

    expect((await verdicts()).map(([verdict]) => verdict)).toEqual(['preview', 'no-room'])
  })

  it('leads from the inbox to the page of previews', async () => {
    const key = await w.begin()
    await w.pull(key)
    const [delivery] = await deliveries()
    const browser = w.panel.browser(w.people.viewer.cookie)

    for (const path of ['', `/${delivery?.id}`]) {
      const page = (await browser.get(`/teams/acme/deliveries${path}`)).text
      expect(page).toContain('href="/teams/acme/sites/shop/previews"')
      expect(page).not.toContain('href="/teams/acme/sites/shop/pushes"')
    }
  })
})

describe('a delivery of a pull request that is replayed', () => {
  it('keeps its verdict, and does nothing a second time', async () => {
    const key = await w.begin()
    await w.giveToken()
    w.host.answer = ({ method }, res) =>
      method === 'GET' ? res.end('[]') : res.end(JSON.stringify({ id: 7, body: w.host.requests.at(-1)?.body }))
    await w.pull(key)
    await w.turn()
    await w.tell()
    const all = async () => ({
      verdicts: await verdicts(),
      copies: await w.copies(),
      deploys: await w.test.query('select id from deploys'),
      events: await w.test.query("select type from events where type not like 'delivery.%' order by sequence"),
      asked: w.host.requests.length,
    })
    const before = await all()

    await replay()
    await w.turn()
    await w.tell()
    await replay()
    await w.turn()
    await w.tell()

    expect(before).toMatchObject({ verdicts: [['preview', null]], asked: 2, deploys: { length: 1 } })
    expect(await all()).toEqual(before)
  })

  it('has another verdict where it led to no preview before', async () => {
    const key = await w.begin({ isOn: false })
    await w.pull(key)
    expect(await verdicts()).toEqual([['previews-off', null]])
    await w.api('developer', 'PUT', '/sites/shop/previews', { isOn: true, most: 5, keptDays: 14 })

    await replay()
    await w.turn()

    expect(await verdicts()).toEqual([['preview', null]])
    expect(await w.copies()).toHaveLength(1)
  })

  it('brings nothing back that has moved on since', async () => {
    const key = await w.begin()
    await w.pull(key)
    await w.pull(key, { letter: 'c', at: 2 })
    await w.pull(key, { letter: 'c', state: 'closed', at: 3 })
    await w.turn()

    await replay()
    await w.turn()

    expect((await w.verdicts()).map(({ verdict }) => verdict).sort()).toEqual(['preview', 'preview', 'preview-removed'])
    expect(await w.copies()).toEqual([])
  })
})
