import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { append } from '../../server/platform/events/append.js'
import { newId } from '../../server/platform/ids.js'
import type { Browser } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import type { Name } from '../support/people.js'

let w: PanelWorld
const shop = newId()

beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(async () => {
  await w.reset()
  await say('Shop')
})

const say = async (name: string) =>
  (await w.ctx('owner')).transaction((tx) =>
    append(tx, { type: 'site.created', subject: { kind: 'site', id: shop, name }, data: { note: name } }),
  )
async function ask(name: Name, fields: Record<string, string>) {
  const browser: Browser = w.panel.browser(w.people[name].cookie)
  await browser.get('/profile')
  return browser.post('/teams/acme/audit/exports', fields)
}

/** Two kilobytes each. */
const fill = (events: number) =>
  w.test.query(
    `insert into events (id, team_id, sequence, type, actor_kind, actor_name, subject_kind, data, at, previous_hash, hash)
     select uuidv7(), $1, n, 'site.updated', 'system', 'Hostler', 'site', jsonb_build_object('note', repeat('a', 2000)), now(), '', ''
     from generate_series(100, 99 + $2::int) n`,
    [w.acme.id, events],
  )

/** Has begun to read, and goes on by one piece after the other. */
async function startSlowly(name: Name) {
  const { cookie, csrfToken } = w.people[name]
  const asked = request(`${w.panel.url}/teams/acme/audit/exports`, {
    method: 'POST',
    headers: { cookie, 'x-csrf-token': csrfToken, 'content-type': 'application/x-www-form-urlencoded' },
  }).end('format=jsonl&act=site.updated')
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  return {
    readSlowly: async () => {
      let bytes = 0
      try {
        for await (const piece of response) {
          bytes += piece.length
          await wait(5)
        }
      } catch {
        // Hung up on.
      }
      return { isWhole: response.complete, bytes }
    },
  }
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

  it('AZ-09: ends in the middle for who may no longer have it, however slowly they read', async () => {
    await fill(9000)
    const started = await startSlowly('admin')
    await w.test.query('delete from memberships where user_id = $1', [w.people.admin.id])
    const from = Date.now()

    const { isWhole, bytes } = await started.readSlowly()

    expect(isWhole).toBe(false)
    expect(Date.now() - from).toBeLessThan(5000)
    expect(bytes).toBeLessThan(9000 * 2000)
  })

  it('goes on for a slow reader of whom nothing was taken, while others lose what is theirs', async () => {
    await fill(2000)
    const started = await startSlowly('admin')
    await w.test.query('delete from memberships where user_id = $1', [w.people.viewer.id])

    expect(await started.readSlowly()).toMatchObject({ isWhole: true })
  })

  it('is refused to whose role does not export, and leaves no event then', async () => {
    expect((await ask('viewer', { format: 'csv' })).status).toBe(403)
    expect((await ask('stranger', { format: 'csv' })).status).toBe(404)
    expect((await ask('owner', { format: 'exe' })).status).toBe(422)

    expect(await w.test.query(`select 1 from events where type = 'audit.exported'`)).toEqual([])
  })
})
