import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { conflict } from '../../../server/platform/errors.js'
import { once } from '../../../server/platform/http/idempotency.js'
import { sqlIdempotency } from '../../../server/platform/http/queries.js'
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

const order = (key: string, item = 'tea', as = 'key:owner') =>
  panel.api('POST', '/teams/acme/orders', { item }, { as, headers: { 'idempotency-key': key } })

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

  test('another caller who chose the same key is not given the answer of the first', async () => {
    panel.members.set('admin', 'admin')
    await order('f')

    expect((await order('f', 'tea', 'key:admin')).status).toBe(422)
    expect((await order('f')).status).toBe(201)
    expect(runs).toBe(1)
  })

  test('what was done is answered and not done again where its answer could not be kept', async () => {
    const failures: unknown[] = []
    const actor = { kind: 'api-key', id: 'key-owner' } as const
    const request = { teamId: team.id, actor, key: 'g', method: 'POST', path: '/orders', bytes: Buffer.from('tea') }
    const store = { ...sqlIdempotency(database.db, () => now), keep: () => Promise.reject(new Error('it is gone')) }
    const work = async () => ({ status: 201, headers: {}, body: { run: ++runs } })
    const log = { error: (failure: unknown) => void failures.push(failure) }

    expect(await once(store, request, work, log)).toMatchObject({ status: 201 })
    expect(failures).toEqual([expect.objectContaining({ team: team.id })])
    await expect(once(store, request, work, log)).rejects.toMatchObject({ status: 409 })
    expect(runs).toBe(1)
  })
})
