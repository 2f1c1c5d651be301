import { z } from 'zod'
import { makeCertificate } from '../support/certificates.js'
import { password } from '../support/people.js'

/** Bodies that a route takes, made from its own schema: what a field is called says what belongs into it. */
export type Fields = Record<string, unknown>

const texts: Record<string, string> = {
  address: 'web-9.example.com',
  branch: 'main',
  breakGlass: '00000000-0000-4000-8000-000000000000',
  commit: 'a'.repeat(40),
  current: password,
  email: 'owner@example.com',
  environment: 'COLOUR=blue',
  fingerprint: `SHA256:${'A'.repeat(43)}`,
  installationId: '7',
  headers: 'X-Robots-Tag: noindex',
  healthPath: '/health',
  issuer: 'https://127.0.0.1:9',
  key: 'COLOUR',
  metadata: 'https://127.0.0.1:9/metadata',
  name: 'new.example.com',
  nodeVersion: '22',
  password,
  repositoryUrl: 'https://127.0.0.1:9/acme/shop.git',
  response: JSON.stringify({ id: 'AA', rawId: 'AA', type: 'public-key', response: { clientDataJSON: 'AA' } }),
  role: 'viewer',
  root: '/srv/hostler',
  signingToken: `whsec_${'A'.repeat(43)}=`,
  user: 'deploy',
}

/** For the domains of the scene, at its time. */
let made: Record<string, string> | undefined
function certificates(): Record<string, string> {
  if (made === undefined) {
    const names = ['*.acme.example.com', '*.rival.example.com']
    const { certificate, key } = makeCertificate({ names, begins: new Date('2026-01-01T00:00:00Z') })
    made = { chain: certificate, privateKey: key }
  }
  return made
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

/** To work one out takes longer than to send it. */
const shapes = new WeakMap<z.ZodType, Shape>()
function shapeOf(schema: z.ZodType): Shape {
  const shape = shapes.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape) // `as`: JSON Schema's own shape
  shapes.set(schema, shape)
  return shape
}

/** One body for each kind that the route takes: a union has several. `more` knows what only this scene knows. */
export function samplesOf(schema: z.ZodType | undefined, more: Readonly<Record<string, unknown>> = {}): Fields[] {
  if (!schema) return [{}]
  const shape = shapeOf(schema)
  return (shape.oneOf ?? shape.anyOf ?? [shape]).map((kind) => sampleOf('', kind, more) as Fields) // `as`: bodies are objects
}

export interface Place {
  /** `['name']`, or `['environment', 'value']` inside a list. */
  readonly path: readonly string[]
  /** Takes a text that the person chooses, not one of a few words or a number. */
  readonly isFree: boolean
}

/** Where something can stand in the body, also where it may be left out. */
export function placesIn(schema: z.ZodType | undefined): Place[] {
  if (!schema) return []
  const shape = shapeOf(schema)
  const places = (shape.oneOf ?? shape.anyOf ?? [shape]).flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, field]) => [
      { path: [name], isFree: isFree(field) },
      ...inside(field).map(([inner, of]) => ({ path: [name, inner], isFree: isFree(of) })),
    ]),
  )
  return [...new Map(places.map((place) => [place.path.join('.'), place])).values()]
}

const inside = (field: Shape): [string, Shape][] =>
  [field, ...(field.anyOf ?? [])].flatMap(({ items }) => Object.entries(items?.properties ?? {}))

const isFree = (field: Shape): boolean =>
  [field, ...(field.anyOf ?? [])].some(
    ({ type, enum: words, const: word }) => type === 'string' && !words && word === undefined,
  )

/** That body with another text in one place. */
export function withText(fields: Fields, { path: [name = '', inner] }: Place, text: unknown): Fields {
  if (inner === undefined) return { ...fields, [name]: text }
  return { ...fields, [name]: [{ key: 'COLOUR', value: 'blue', [inner]: text }] }
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
      return texts[name] ?? certificates()[name] ?? 'some-text'
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
