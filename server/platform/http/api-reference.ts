import type { z } from 'zod'
import { apiPrefix } from './api-answer.js'
import { pathOf } from './doors.js'
import { apiRoutes, openApiDocument, schemaOf, tagOf } from './openapi.js'
import { json, page } from './reply.js'
import { get, type Route } from './route.js'

/** The API described by itself: once for machines, once for people. */
export function apiReferenceRoutes(routes: readonly Route[], baseUrl: URL): Route[] {
  return [
    get(`${apiPrefix}/openapi.json`, { can: 'anyone' }, () => json(openApiDocument(routes, baseUrl))),
    get('/api/reference', { can: 'anyone' }, () =>
      page('api/reference', { groups: groupsOf(routes), serverUrl: new URL(apiPrefix, baseUrl).href }),
    ),
  ]
}

interface Entry {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly summary: string
  readonly can: string
  readonly isPublishable: boolean
  readonly query: readonly Field[]
  readonly input: readonly Field[]
  readonly output: readonly Field[]
}

interface Field {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

function groupsOf(routes: readonly Route[]): { name: string; entries: Entry[] }[] {
  const groups = new Map<string, Entry[]>()
  for (const route of apiRoutes(routes)) {
    const name = tagOf(route)
    groups.set(name, [...(groups.get(name) ?? []), entryOf(route)])
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, entries]) => ({ name, entries }))
}

function entryOf(route: Route): Entry {
  const { can, summary, query, input, output, publicly } = route.options
  const path = pathOf(route)
  return {
    id: `${route.method}${path.replaceAll(/[/:]+/g, '-')}`,
    method: route.method.toUpperCase(),
    path,
    summary: summary ?? '',
    can,
    isPublishable: publicly !== undefined,
    query: fieldsOf(query, 'input'),
    input: fieldsOf(input, 'input'),
    output: fieldsOf(output, 'output'),
  }
}

/** The fields of a schema's object, one level deep: enough to read; the document has the rest. */
function fieldsOf(schema: z.ZodType | undefined, io: 'input' | 'output'): Field[] {
  if (!schema) return []
  const { properties, required } = schemaOf(schema, io) as { properties?: Record<string, Shape>; required?: string[] } // `as`: JSON Schema's own shape
  return Object.entries(properties ?? {}).map(([name, shape]) => ({
    name,
    type: typeName(shape),
    isRequired: required?.includes(name) ?? false,
    description: shape.description ?? '',
  }))
}

interface Shape {
  readonly type?: string
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Shape[]
  readonly items?: Shape
  readonly const?: unknown
  readonly description?: string
}

function typeName(shape: Shape): string {
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  if (shape.anyOf) return shape.anyOf.map(typeName).join(' | ')
  if (shape.items) return `list of ${typeName(shape.items)}`
  return shape.format ?? shape.type ?? 'any'
}
