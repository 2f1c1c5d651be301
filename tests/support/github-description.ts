import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { descriptionFile } from '../../bin/lib/test/github-description.js'

interface Parameter {
  name?: string
  in?: string
  $ref?: string
}

interface Operation {
  parameters?: readonly Parameter[]
  requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown> } }> }
}

/** GitHub's published description of its API, as far as requests go. */
export function githubDescription() {
  const { components, paths } = JSON.parse(readFileSync(descriptionFile, 'utf8')) as {
    components: { parameters: Record<string, Parameter> }
    paths: Record<string, Record<string, Operation>>
  } // `as`: OpenAPI 3.0
  const resolved = (parameter: Parameter): Parameter =>
    parameter.$ref ? (components.parameters[parameter.$ref.split('/').at(-1) ?? ''] ?? parameter) : parameter
  const ajv = new Ajv({ strict: false })
  const templates = Object.keys(paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))

  /** What is wrong with a request; empty when GitHub would take it. */
  return function faults(method: string, url: string, body: string): string[] {
    const { pathname, searchParams } = new URL(url, 'https://api.github.com')
    const operations = templates
      .filter(({ pattern }) => pattern.test(pathname))
      .flatMap(({ template }) => paths[template]?.[method.toLowerCase()] ?? [])
    const [operation] = operations
    if (!operation) return [`there is no ${method} ${pathname}`]
    const named = (operation.parameters ?? [])
      .map(resolved)
      .flatMap(({ name, in: place }) => (place === 'query' ? [name] : []))
    const strangers = [...searchParams.keys()].filter((name) => !named.includes(name))
    return [...strangers.map((name) => `no parameter ${name}`), ...bodyFaults(ajv, operation, body)]
  }
}

function bodyFaults(ajv: Ajv, { requestBody }: Operation, body: string): string[] {
  const schema = requestBody?.content['application/json']?.schema
  if (!schema) return body === '' ? [] : ['takes no body']
  const sent = JSON.parse(body)
  const strangers = Object.keys(sent).filter((name) => !(name in schema.properties))
  const isValid = ajv.validate(schema, sent)
  return [...strangers.map((name) => `no field ${name}`), ...(isValid ? [] : [ajv.errorsText()])]
}
