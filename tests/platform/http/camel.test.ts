import { expect, it } from 'vitest'
import { camelKeys, camelSchema } from '../../../server/platform/http/camel.js'

it('gives rows the names that JSON has, at every depth, and leaves values, dates and chosen keys alone', () => {
  const at = new Date(0)

  expect(camelKeys({ created_at: at, steps: [{ started_at: null, name: 'a_b' }], MY_KEY: 1, load_1m: 2 })).toEqual({
    createdAt: at,
    steps: [{ startedAt: null, name: 'a_b' }],
    MY_KEY: 1,
    load1m: 2,
  })
})

it('names the fields of a schema the same way', () => {
  const schema = {
    type: 'object',
    required: ['created_at'],
    properties: { created_at: { type: 'string', enum: ['not_a_name'] } },
  }

  expect(camelSchema(schema)).toEqual({
    type: 'object',
    required: ['createdAt'],
    properties: { createdAt: { type: 'string', enum: ['not_a_name'] } },
  })
})
