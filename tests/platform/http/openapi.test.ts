import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { doorsOf } from '../../../server/platform/http/doors.js'
import { checkbox, integer, optional, several } from '../../../server/platform/http/fields.js'
import { decodeCursor, encodeCursor, listPage, pageQuery } from '../../../server/platform/http/pagination.js'
import { nothing } from '../../../server/platform/http/reply.js'
import { get } from '../../../server/platform/http/route.js'
import { Secret } from '../../../server/platform/secret.js'
import { createVault } from '../../../server/platform/vault/vault.js'
import { type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
})
afterAll(() => panel.close())

const Operation = z.looseObject({
  operationId: z.string().regex(/^[a-z][\w-]*$/),
  'x-permission': z.string(),
  parameters: z.array(
    z.object({
      name: z.string(),
      in: z.enum(['path', 'query', 'header']),
      required: z.boolean(),
      schema: z.looseObject({}),
    }),
  ),
  requestBody: z
    .object({
      required: z.literal(true),
      content: z.object({ 'application/json': z.object({ schema: z.looseObject({}) }) }),
    })
    .optional(),
  responses: z.record(z.string(), z.looseObject({})),
})
const Document = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.object({ url: z.url() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), Operation),
  ),
  components: z.looseObject({}),
})

describe('openapi.json', () => {
  test('is a valid document that has every API route and no other', async () => {
    const document = Document.parse(await (await panel.ask('/api/v1/openapi.json')).json())
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const mounted = doorsOf(noteRoutes)
      .filter((door) => door.face === 'api')
      .flatMap((door) =>
        Object.keys(door.routes).map(
          (method) => `${method} ${door.path.slice('/api/v1'.length).replaceAll(/:(\w+)/g, '{$1}')}`,
        ),
      )

    expect(described.sort()).toEqual(mounted.sort())
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation?.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('names every parameter of the path and the shape of what goes in and comes out', async () => {
    const document = Document.parse(await (await panel.ask('/api/v1/openapi.json')).json())
    const make = document.paths['/teams/{team}/notes']?.post
    const show = document.paths['/teams/{team}/notes/{note}']?.get

    expect(show?.parameters.map(({ name }) => name)).toEqual(['team', 'note'])
    expect(make?.parameters.map(({ name }) => name)).toEqual(['team', 'Idempotency-Key'])
    expect(make?.requestBody?.content['application/json'].schema).toMatchObject({
      type: 'object',
      required: ['name', 'size'],
      properties: { size: { type: 'integer', minimum: 1, maximum: 9 } },
    })
    expect(JSON.stringify(show?.responses['200'])).toMatch(/"madeAt":\{"type":"string","format":"date-time"/)
  })

  test('the reference page shows them to people', async () => {
    const html = await (await panel.ask('/api/reference')).text()

    expect(html).toContain('/teams/:team/notes/:note')
    expect(html).toContain('Show a note')
  })
})

describe('doors', () => {
  test('the more specific address comes first, wherever it was listed', () => {
    const paths = doorsOf([
      get('/a/:b', { can: 'anyone' }, nothing),
      get('/a/:b/c', { can: 'anyone' }, nothing),
      get('/a/new', { can: 'anyone' }, nothing),
    ]).map((door) => door.path)

    expect(paths).toEqual(['/a/new', '/a/:b', '/a/:b/c'])
  })

  test('two routes for one address do not start', () => {
    const twice = [get('/a/:b', { can: 'anyone' }, nothing), get('/a/:b', { can: 'anyone' }, nothing)]
    const renamed = [get('/a/:b', { can: 'anyone' }, nothing), get('/a/:c', { can: 'anyone' }, nothing)]

    expect(() => doorsOf(twice)).toThrow('Two routes serve GET /a/:b')
    expect(() => doorsOf(renamed)).toThrow('the same address')
  })
})

const keeper = { services: { vault: createVault([new Secret('a key of the tests')]) } }

describe('lists', () => {
  test('a page ends with the cursor of its last row, the last page with none', () => {
    const rows = [{ n: 1 }, { n: 2 }, { n: 3 }]

    const page = listPage(keeper, rows, 2, (row) => [row.n])

    expect(page.items).toEqual([{ n: 1 }, { n: 2 }])
    expect(Buffer.from(page.nextCursor ?? '', 'base64url').toString()).not.toContain('[2]')
    expect(decodeCursor(keeper, page.nextCursor ?? '', z.tuple([z.number()]))).toEqual([2])
    expect(listPage(keeper, rows, 3, (row) => [row.n]).nextCursor).toBeNull()
  })

  test.each([
    'x',
    '',
    encodeCursor(keeper, ['a']),
    encodeCursor(keeper, [1, 2]),
    Buffer.from('[2]').toString('base64url'),
  ])('a forged cursor %j is refused', (cursor) => {
    expect(() => decodeCursor(keeper, cursor, z.tuple([z.number()]))).toThrow('cursor')
  })

  test('DO-05: limits are whole numbers from 1 to 200', () => {
    for (const limit of ['0', '-1', '201', 'NaN', '1e309', '', '1.5'])
      expect(pageQuery.safeParse({ limit }).success, limit).toBe(false)
    expect(pageQuery.parse({})).toEqual({ limit: 50 })
  })
})

describe('fields', () => {
  const Form = z.object({
    on: checkbox(),
    size: integer(1, 99),
    note: optional(z.string()),
    kinds: several(z.enum(['a', 'b'])),
  })

  test('read the same from a form and from JSON', () => {
    expect(Form.parse({ on: 'on', size: '7', note: '', kinds: 'a' })).toEqual({
      on: true,
      size: 7,
      note: null,
      kinds: ['a'],
    })
    expect(Form.parse({ on: false, size: 7, note: 'x', kinds: ['a', 'b'] })).toEqual({
      on: false,
      size: 7,
      note: 'x',
      kinds: ['a', 'b'],
    })
    expect(Form.parse({ size: '7' })).toEqual({ on: false, size: 7, note: null, kinds: [] })
  })

  test.each(['', ' ', '0x10', '1e3', '7.5', '100', '-1', 'NaN', null, {}])(
    'DO-05: %j is no whole number from 1 to 99',
    (size) => {
      expect(Form.safeParse({ size }).success).toBe(false)
    },
  )
})
