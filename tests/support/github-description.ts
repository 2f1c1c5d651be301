import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { descriptionFile } from '../../bin/lib/test/github-description.js'

type Content = Record<string, { schema: Record<string, unknown> }>

interface Parameter {
  name?: string
  in?: string
  $ref?: string
}

interface Operation {
  responses: Record<string, { content?: Content }>
  parameters?: readonly Parameter[]
  requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown> } }> }
}

type Description = ReturnType<typeof read>

let known: Description | undefined
let forgetting: NodeJS.Timeout | undefined

/** Reading it takes 0.4 s, so it is kept for who asks again soon; not longer, since a large process is slow to start others. */
function description(): Description {
  clearTimeout(forgetting)
  forgetting = setTimeout(() => {
    known = undefined
  }, 10_000).unref()
  known ??= read()
  return known
}

function read() {
  const { paths, components } = JSON.parse(readFileSync(descriptionFile, 'utf8')) as {
    paths: Record<string, Record<string, Operation>>
    components: { parameters: Record<string, Parameter> }
  } // `as`: OpenAPI 3.0
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: root, components: asJsonSchema(components) })
  const templates = Object.keys(paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))
  return { paths, ajv, templates, parameters: components.parameters, answers: new Map<string, ValidateFunction>() }
}

/** GitHub's published description of its API, as far as requests go. */
export function githubDescription() {
  /** What is wrong with a request; empty when GitHub would take it. */
  return function faults(method: string, url: string, body: string): string[] {
    const { paths, ajv, templates, parameters } = description()
    const { pathname, searchParams } = new URL(url, 'https://api.github.com')
    const operations = templates
      .filter(({ pattern }) => pattern.test(pathname))
      .flatMap(({ template }) => paths[template]?.[method.toLowerCase()] ?? [])
    const [operation] = operations
    if (!operation) return [`there is no ${method} ${pathname}`]
    const named = (operation.parameters ?? [])
      .map((one) => (one.$ref ? parameters[one.$ref.split('/').at(-1) ?? ''] : one))
      .flatMap((one) => (one?.in === 'query' ? [one.name] : []))
    const strangers = [...searchParams.keys()].filter((name) => !named.includes(name))
    return [...strangers.map((name) => `no parameter ${name}`), ...bodyFaults(ajv, operation, body)]
  }
}

function bodyFaults(ajv: Ajv, { requestBody }: Operation, body: string): string[] {
  const described = requestBody?.content['application/json']?.schema
  const schema = described && (asJsonSchema(described) as typeof described) // `as`: an object stays one
  if (!schema) return body === '' ? [] : ['takes no body']
  const sent = JSON.parse(body)
  const strangers = Object.keys(sent).filter((name) => !(name in schema.properties))
  const isValid = ajv.validate(schema, sent)
  return [...strangers.map((name) => `no field ${name}`), ...(isValid ? [] : [ajv.errorsText()])]
}

/** What is wrong with an answer that a test gives in GitHub's name; empty when GitHub could give it. */
export function githubAnswers() {
  return function faults(method: string, url: string, status: number, answer: unknown): string[] {
    const { paths, ajv, templates, answers } = description()
    const { pathname } = new URL(url, 'https://api.github.com')
    const template = templates.find(({ pattern }) => pattern.test(pathname))?.template ?? ''
    const response = paths[template]?.[method.toLowerCase()]?.responses[status]
    if (!response) return [`${method} ${pathname} is never answered with ${status}`]
    const schema = response.content?.['application/json']?.schema
    if (!schema) return []
    const name = `${method} ${template} ${status}`
    const isValid = answers.get(name) ?? ajv.compile(asJsonSchema(schema) as object) // `as`: an object stays one
    answers.set(name, isValid)
    return isValid(answer) ? [] : [`${pathname}: ${ajv.errorsText(isValid.errors)}`]
  }
}

const root = 'https://api.github.com/description'

/** OpenAPI 3.0 says `nullable` where JSON Schema lists the type null, and its references are within its own document. */
function asJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asJsonSchema)
  if (node === null || typeof node !== 'object') return node
  const { nullable, $ref, ...rest } = Object.fromEntries(
    Object.entries(node).map(([name, inner]) => [name, asJsonSchema(inner)]),
  )
  const whole = typeof $ref === 'string' ? { ...rest, $ref: `${root}${$ref}` } : rest
  return nullable === true ? { anyOf: [whole, { type: 'null' }] } : whole
}
