import { z } from 'zod'
import { apiPrefix } from './api-answer.js'
import { camelSchema } from './camel.js'
import { isInApi, isTeamRoute, keepsAnswer, pathOf } from './doors.js'
import type { Route } from './route.js'

type JsonSchema = Record<string, unknown>

/** OpenAPI 3.1 from the same routes that serve requests, so it cannot fall behind them. */
export function openApiDocument(routes: readonly Route[], baseUrl: URL): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of apiRoutes(routes)) {
    const path = pathOf(route).replaceAll(/:([^/]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hostler',
      version: '1',
      description: 'Whatever the panel can do. Send a key of your team: `Authorization: Bearer …`.',
    },
    servers: [{ url: new URL(apiPrefix, baseUrl).href }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

export const apiRoutes = (routes: readonly Route[]): Route[] => routes.filter(isInApi)

function operationOf(route: Route): Record<string, unknown> {
  const { can, summary, input, output, publicly, downloads, query } = route.options
  const body = input && schemaOf(input, 'input')
  return {
    operationId: operationId(route),
    ...(summary !== undefined && { summary }),
    tags: [tagOf(route)],
    'x-permission': can,
    ...(publicly && { 'x-publishable': schemaOf(publicly, 'output') }),
    ...(can === 'anyone' && { security: [] }),
    parameters: [...pathParameters(route), ...queryParameters(query), ...keyParameter(route)],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [route.method === 'post' ? '2XX' : '200']: {
        description:
          route.method === 'post' && !downloads
            ? '201 made, 202 begun (see Location), 200 or 204 done'
            : downloads
              ? 'The file'
              : 'The answer',
        ...(output && { content: { 'application/json': { schema: schemaOf(output, 'output') } } }),
        ...(downloads && { content: Object.fromEntries(downloads.map((type) => [type, {}])) }),
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

/** The noun that a route is about: the first segment after the team. */
export const tagOf = (route: Route): string => route.path.split('/')[1]?.replace(/^:.*/, '') || 'team'

export const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  // `as`: the same schema, with other names.
  return io === 'output' ? (camelSchema(rest) as JsonSchema) : rest
}

function pathParameters(route: Route): JsonSchema[] {
  const names = [...pathOf(route).matchAll(/:([^/]+)/g)].map((match) => match[1] ?? '')
  return names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    ...(name === 'team' &&
      isTeamRoute(route.options.can) && { description: "The team's short name, as in the panel's addresses" }),
  }))
}

function queryParameters(query: z.ZodObject | undefined): JsonSchema[] {
  if (!query) return []
  return Object.entries(query.shape).map(([name, field]) => {
    const schema = schemaOf(field as z.ZodType, 'input') // `as`: shapes are typed as the core's wider schema type
    return {
      name,
      in: 'query',
      required: false,
      schema,
      ...(schema.description !== undefined && { description: schema.description }),
    }
  })
}

const keyParameter = (route: Route): JsonSchema[] =>
  route.method === 'post' && isTeamRoute(route.options.can) && keepsAnswer(route)
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', maxLength: 200 },
          description: 'Sent again with the same body, the first answer is given again and nothing is done twice.',
        },
      ]
    : []

function operationId(route: Route): string {
  const words = pathOf(route)
    .split('/')
    .filter((segment) => segment !== '' && segment !== 'teams' && segment !== ':team')
    .map((segment) => (segment.startsWith(':') ? `by-${segment.slice(1)}` : segment))
  return [route.method, ...words].join('-')
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string', description: 'What happened, to what' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What to do now' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
    },
    lines: { type: 'array', items: { type: 'string' }, description: 'The last lines that the server said' },
    reference: { type: 'string', description: 'To be found in the log of the panel' },
  },
}
