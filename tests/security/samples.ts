import { z } from 'zod'
import { password } from '../support/people.js'

/** Bodies that a route takes, made from its own schema: what a field is called says what belongs into it. */
export type Fields = Record<string, unknown>

const texts: Record<string, string> = {
  address: 'web-9.example.com',
  branch: 'main',
  commit: 'a'.repeat(40),
  current: password,
  email: 'owner@example.com',
  environment: 'COLOUR=blue',
  fingerprint: `SHA256:${'A'.repeat(43)}`,
  healthPath: '/health',
  key: 'COLOUR',
  nodeVersion: '22',
  password,
  repositoryUrl: 'https://git.example.com/acme/shop.git',
  root: '/srv/hostler',
  user: 'deploy',
}

interface Shape {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly minimum?: number
  readonly minLength?: number
}

/** One body for each kind that the route takes: a union has several. `more` knows what only this scene knows. */
export function samplesOf(schema: z.ZodType | undefined, more: Readonly<Record<string, unknown>> = {}): Fields[] {
  if (!schema) return [{}]
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape // `as`: JSON Schema's own shape
  return (shape.oneOf ?? shape.anyOf ?? [shape]).map((kind) => sampleOf('', kind, more) as Fields) // `as`: bodies are objects
}

/** All fields of the body, also those that may be left out. */
export function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (!schema) return []
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape // `as`: as above
  return [...new Set((shape.oneOf ?? shape.anyOf ?? [shape]).flatMap((kind) => Object.keys(kind.properties ?? {})))]
}

function sampleOf(name: string, shape: Shape, more: Readonly<Record<string, unknown>>): unknown {
  if (name in more) return more[name]
  if (shape.const !== undefined) return shape.const
  if (shape.default !== undefined) return shape.default
  if (shape.enum) return shape.enum[0]
  const choices = shape.anyOf ?? shape.oneOf
  if (choices) return choices.some(({ type }) => type === 'null') ? null : sampleOf(name, choices[0] ?? {}, more)
  switch (shape.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(shape.properties ?? {})
          .filter(([field]) => shape.required?.includes(field) || field in more)
          .map(([field, inner]) => [field, sampleOf(field, inner, more)]),
      )
    case 'array':
      return [sampleOf('', shape.items ?? {}, more)]
    case 'integer':
    case 'number':
      return Math.max(1, shape.minimum ?? 1)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return texts[name] ?? 'some-text'
  }
}

/** As a form sends it: everything is text, and what is not there is left out. */
export const asForm = (fields: Fields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === null || value === undefined || value === false
        ? []
        : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
    ),
  )
