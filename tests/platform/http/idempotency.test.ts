import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { conflict } from '../../../server/platform/errors.js'
import { go } from '../../../server/platform/http/reply.js'
import { post } from '../../../server/platform/http/route.js'
import { freshDatabase, type TestDatabase } from '../../support/database.js'
import { latch, type Panel, startPanel, team } from './panel.js'

let database: TestDatabase
let panel: Panel
let now = new Date('2026-01-01T00:00:00Z')
let runs = 0
let gate: Promise<void> = Promise.resolve()

const Order = z.object({ item: z.string() })
const orders = post(
  '/orders',
  { can: 'site:create', input: Order, output: Order.extend({ run: z.number() }) },
  async ({ input }) => {
    runs++
    await gate
    if (input.item === 'none left') throw conflict('There is none left')
    return go('/teams/acme/orders/1', undefined, { ...input, run: runs })
  },
)

beforeAll(async () => {
  database = await freshDatabase()
  await database.query('insert into teams (id, slug, name, created_at) values ($1, $2, $3, now())', [
    team.id,
    team.slug,
    team.name,
  ])
  panel = await startPanel([orders], { services: { db: database.db, clock: () => now } })
})
afterAll(async () => {
  await panel.close()
  await database.close()
})
beforeEach(() => {
  runs = 0
})

const order = (key: string, item = 'tea') =>
  panel.api('POST', '/teams/acme/orders', { item }, { headers: { 'idempotency-key': key } })

describe('Idempotency-Key', () => {
  test('the same request again gets the first answer, and nothing is done twice', async () => {
    const first = await order('a')
    const again = await order('a')

    expect([first.status, again.status]).toEqual([201, 201])
    expect(await again.json()).toEqual(await first.json())
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(runs).toBe(1)
  })

  test('another request with a used key is 422', async () => {
    await order('b')

    expect((await order('b', 'coffee')).status).toBe(422)
    expect(runs).toBe(1)
  })

  test('of two at once one works and the other is told to wait', async () => {
    const held = latch()
    gate = held.promise
    const first = order('c')
    await expect.poll(() => runs).toBe(1)

    const second = await order('c')
    held.resolve()

    expect([second.status, (await first).status, runs]).toEqual([409, 201, 1])
  })

  test('a refusal frees the key', async () => {
    expect((await order('d', 'none left')).status).toBe(409)
    expect((await order('d')).status).toBe(201)
  })

  test('a key that a lost process held is free after a minute', async () => {
    await database.query(
      'insert into idempotency_keys (team_id, key, request_hash, created_at) values ($1, $2, $3, $4)',
      [team.id, 'e', Buffer.from('x'), now],
    )

    expect((await order('e')).status).toBe(422)
    now = new Date(now.getTime() + 61_000)
    expect((await order('e')).status).toBe(201)
  })

  test('a key of control characters or endless length is 400', async () => {
    expect((await order('x'.repeat(201))).status).toBe(400)
    expect((await order('a b')).status).toBe(400)
  })
})
