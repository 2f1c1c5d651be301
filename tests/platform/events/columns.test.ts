import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TeamCtx } from '../../../server/platform/access/ctx.js'
import { append, appendOutsideTeams } from '../../../server/platform/events/append.js'
import { outsideTeams } from '../../../server/platform/events/event.js'
import { fingerprintOf } from '../../../server/platform/events/fingerprint.js'
import { verifyChain } from '../../../server/platform/events/verify.js'
import { newId } from '../../../server/platform/ids.js'
import { Secret } from '../../../server/platform/secret.js'
import { createVault } from '../../../server/platform/vault/vault.js'
import { minutes } from '../../support/clock.js'
import { hostileTexts } from '../../support/hostile-texts.js'
import { testServices } from '../../support/services.js'

const system = { kind: 'system', id: null, name: 'Hostler' } as const
const subject = { kind: 'user', id: newId() }
const now = new Date('2026-05-04T12:00:00.120Z')

describe('what an event says', () => {
  let made: Awaited<ReturnType<typeof testServices>>
  const db = () => made.services.db
  const add = (more: { address?: string | null; name?: string; data?: Record<string, unknown>; at?: Date } = {}) =>
    db().asIdentity((trx) =>
      appendOutsideTeams(
        trx,
        system,
        {
          type: 'user.renamed',
          subject: { ...subject, name: more.name ?? null },
          data: more.data ?? {},
          address: more.address ?? null,
        },
        more.at ?? now,
      ),
    )
  const verify = () => db().asOperator((trx) => verifyChain(trx, outsideTeams))
  const last = async () => (await made.database.query('select * from events order by sequence desc limit 1'))[0]

  beforeAll(async () => {
    made = await testServices()
  })
  afterAll(() => made.close())

  it('keeps from where it was asked, and the name of what it is about', async () => {
    await add({ address: '203.0.113.9', name: 'Ada' })
    expect(await last()).toMatchObject({ address: '203.0.113.9', subject_name: 'Ada' })

    await add({ data: { name: 'Grace' } })
    expect(await last()).toMatchObject({ address: null, subject_name: 'Grace' })
  })

  it('takes the address from whoever asked, and none from a job', async () => {
    const ctx = TeamCtx.system(made.services, made.team)
    await ctx.transaction((tx) => append(tx, { type: 'team.created', subject: { kind: 'team', id: made.team.id } }))
    expect((await made.database.query('select address from events where team_id = $1', [made.team.id]))[0]).toEqual({
      address: null,
    })

    const asked = Object.assign(Object.create(ctx), { address: '2001:db8::1' })
    await ctx.transaction((tx) =>
      append({ ...tx, ctx: asked }, { type: 'team.created', subject: { kind: 'team', id: made.team.id } }),
    )
    const rows = await made.database.query('select address from events where team_id = $1 order by sequence', [
      made.team.id,
    ])
    expect(rows.at(-1)).toEqual({ address: '2001:db8::1' })
  })

  it('LG-06: notices what was altered in any column', async () => {
    await add({ address: '203.0.113.9', name: 'Ada', data: { a: 1 } })
    const row = await last()
    const columns = await made.database.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
        where table_name = 'events' and column_name not in ('team_id', 'sequence')`,
    )
    expect(columns.length).toBe(13)
    const other: Record<string, string> = {
      uuid: `'${newId()}'`,
      text: `'api-key'`,
      jsonb: `'{"a": 1, "b": null}'`,
      bytea: `'\\x00'`,
      'timestamp with time zone': `at + interval '1 microsecond'`,
    }

    for (const { name, type } of columns) {
      await made.database.query(`update events set ${name} = ${other[type]} where sequence = $1 and team_id = $2`, [
        row?.sequence,
        outsideTeams,
      ])
      expect(await verify(), name).toMatchObject({ ok: false, sequence: row?.sequence })
      // As it was to the microsecond, which a date does not keep.
      const value = name === 'at' ? now : name === 'data' ? JSON.stringify(row?.data) : row?.[name]
      await made.database.query(`update events set ${name} = $3 where sequence = $1 and team_id = $2`, [
        row?.sequence,
        outsideTeams,
        value,
      ])
    }
    expect(await verify()).toMatchObject({ ok: true })
  })

  it('LG-06: notices an address or a name that was altered, added or taken away', async () => {
    await add({ address: '203.0.113.9', name: 'Ada' })
    const row = await last()
    const set = (change: string) => made.database.query(`update events set ${change} where id = $1`, [row?.id])
    const found = { ok: false, sequence: row?.sequence, why: 'It was altered' }
    const back = () => set(`address = '203.0.113.9', subject_name = 'Ada'`)

    for (const change of [
      `address = '203.0.113.10'`,
      'address = null',
      'address = null, subject_name = null',
      `subject_name = ''`,
      `at = at + interval '1 microsecond'`,
    ]) {
      await set(change)
      expect(await verify(), change).toEqual(found)
      await back()
      await set(`at = '2026-05-04T12:00:00.120Z'`)
    }
    expect(await verify()).toMatchObject({ ok: true })

    await add()
    await made.database.query(`update events set address = '' where sequence = $1 and team_id = $2`, [
      (row?.sequence ?? 0) + 1,
      outsideTeams,
    ])
    expect(await verify()).toMatchObject({ ok: false, sequence: (row?.sequence ?? 0) + 1 })
    await made.database.query('update events set address = null where sequence = $1 and team_id = $2', [
      (row?.sequence ?? 0) + 1,
      outsideTeams,
    ])
  })

  it('LG-04: verifies whatever people write, also what looks like the signs between fields', async () => {
    const texts = [
      ...hostileTexts,
      '\x1f',
      'a\x1fb\tc\nd',
      '\x1e',
      'a\x1eb\x1ec',
      '"',
      '\\',
      '{"a": 1}',
      '\u2028',
      '\x7f',
      '😀',
      '=',
      '\0',
      '\ud800x',
      'x\udc00',
    ]
    for (const text of texts) await add({ address: text, name: text, data: { text, [text]: [text, { [text]: null }] } })
    await add({ data: { b: 1.5, a: -0, 10: 'ten', 9: 'nine', __proto: 1e21, c: 1e-9, d: 123456789012345680 } })
    await add({ data: JSON.parse('{"__proto__": {"a": 1}, "B": true, "aa": false, "a": ""}') })

    expect(await verify()).toMatchObject({ ok: true })
  })

  it('LG-04: verifies alike whatever the settings of a connection are', async () => {
    await add({ address: '203.0.113.9', name: 'Größe', data: { b: 1.5, at: now, a: 'ß, 😀: {x}' } })
    const settings = [
      'timezone',
      'Asia/Tokyo',
      'datestyle',
      'German',
      'bytea_output',
      'escape',
      'intervalstyle',
      'iso_8601',
    ]

    for (let at = 0; at < settings.length; at += 2)
      await db().asOperator(async (trx) => {
        await trx.raw('select set_config(?, ?, true)', settings.slice(at, at + 2))
        expect(await verifyChain(trx, outsideTeams), settings[at] ?? '').toMatchObject({ ok: true })
      })
  })

  it('does not let the time of a chain run backwards, but believes a clock that was set right', async () => {
    await add({ at: now })
    await add({ at: new Date(now.getTime() - minutes(5)) })
    expect((await last())?.at).toEqual(now)

    const right = new Date(now.getTime() - minutes(60 * 48))
    await add({ at: right })
    expect((await last())?.at).toEqual(right)
    expect(await verify()).toMatchObject({ ok: true })
  })
})

describe('a fingerprint', () => {
  const vault = createVault([new Secret('a key that is only for this test')])

  it('tells whether a secret changed, and nothing about it', () => {
    const one = fingerprintOf(vault, new Secret('hunter2'), 'acme')

    expect(one).toMatch(/^fingerprint [0-9a-f]{12}$/)
    expect(fingerprintOf(vault, new Secret('hunter2'), 'acme')).toBe(one)
    expect(fingerprintOf(vault, new Secret('hunter3'), 'acme')).not.toBe(one)
    expect(fingerprintOf(vault, new Secret('hunter2'), 'rival')).not.toBe(one)
  })
})
