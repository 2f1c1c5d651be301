import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { append } from '../../server/platform/events/append.js'
import { newId } from '../../server/platform/ids.js'
import { type Browser, startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'

let w: World
let panel: TestPanel
const shop = newId()

beforeAll(async () => {
  w = await world()
  panel = await startTestPanel(w)
})
afterAll(async () => {
  await panel.close()
  await w.close()
})
beforeEach(async () => {
  await w.reset()
  await say('Shop')
})

const say = async (name: string) =>
  (await w.ctx('owner')).transaction((tx) =>
    append(tx, { type: 'site.created', subject: { kind: 'site', id: shop, name }, data: { note: name } }),
  )
async function ask(name: Name, fields: Record<string, string>) {
  const browser: Browser = panel.browser(w.people[name].cookie)
  await browser.get('/profile')
  return browser.post('/teams/acme/audit/exports', fields)
}

describe('an export of the audit log', () => {
  it('has the same events as the page, as CSV and as JSON lines, and is told of once', async () => {
    const csv = await ask('owner', { format: 'csv', act: 'site' })
    expect(csv.status).toBe(200)
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="?acme-audit.csv"?$/)
    expect(csv.text.split('\r\n')[0]).toMatch(/^at,sequence,type,/)
    expect(csv.text.split('\r\n')).toHaveLength(3)

    const lines = (await ask('owner', { format: 'jsonl' })).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ type }) => type)).toEqual(['audit.exported', 'audit.exported', 'site.created'])
    expect(lines.at(-1)).toMatchObject({
      subject_name: 'Shop',
      data: { note: 'Shop' },
      hash: expect.stringMatching(/^\w{64}$/),
    })
    expect(lines[1]).toMatchObject({ data: { format: 'csv', filters: { act: 'site' } }, address: expect.any(String) })
  })

  it('XT-10: holds nothing that a spreadsheet takes for a formula', async () => {
    for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a,"b"\nc']) await say(name)

    const { text } = await ask('owner', { format: 'csv', act: 'site.created' })

    for (const cell of [`'=1+1`, `'+1`, `'-1`, `'@SUM(A1)`, `'\tx`, `"'\rx"`, '"a,""b""\nc"'])
      expect(text).toContain(`,${cell},`)
    expect(text).not.toMatch(/(^|,)"?[=+\-@\t\r]/m)
  })

  it('goes over many batches without losing or repeating an event', async () => {
    await w.test.query(
      `insert into events (id, team_id, sequence, type, actor_kind, actor_name, subject_kind, data, at, previous_hash, hash)
       select uuidv7(), $1, n, 'site.updated', 'system', 'Hostler', 'site', '{}', date_trunc('milliseconds', now()) - n % 50 * interval '1 hour', '', ''
       from generate_series(100, 12099) n`,
      [w.acme.id],
    )

    const { text } = await ask('owner', { format: 'jsonl', act: 'site.updated' })

    const numbers = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).sequence)
    expect([numbers.length, new Set(numbers).size]).toEqual([12_000, 12_000])
  })

  it('is refused to whose role does not export, and leaves no event then', async () => {
    expect((await ask('viewer', { format: 'csv' })).status).toBe(403)
    expect((await ask('stranger', { format: 'csv' })).status).toBe(404)
    expect((await ask('owner', { format: 'exe' })).status).toBe(422)

    expect(await w.test.query(`select 1 from events where type = 'audit.exported'`)).toEqual([])
  })
})
