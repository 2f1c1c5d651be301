import SCIMMY from 'scimmy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Directory, type DirectoryWorld, directoryWorld } from '../support/directory-world.js'

interface Attribute {
  name: string
  type: string
  multiValued: boolean
  required: boolean
  returned: string
  subAttributes?: Attribute[]
}

/** Common to all resources (RFC 7643, 3.1). */
const common: Attribute[] = [
  { name: 'schemas', type: 'string', multiValued: true, required: true, returned: 'always' },
  { name: 'id', type: 'string', multiValued: false, required: true, returned: 'always' },
  { name: 'externalId', type: 'string', multiValued: false, required: false, returned: 'default' },
  {
    ...{ name: 'meta', type: 'complex', multiValued: false, required: true, returned: 'default' },
    subAttributes: ['resourceType', 'created', 'lastModified', 'location', 'version'].map((name) => ({
      ...{ name, type: name === 'created' || name === 'lastModified' ? 'dateTime' : 'string' },
      ...{ multiValued: false, required: false, returned: 'default' },
    })),
  },
]

const isOf: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  reference: (value) => typeof value === 'string' && URL.canParse(value),
  boolean: (value) => typeof value === 'boolean',
  dateTime: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
}

/** What in a resource is not as these attributes say. */
function faults(resource: Record<string, unknown>, attributes: Attribute[], at = ''): string[] {
  const missing = attributes
    .filter(({ name, required }) => required && !(name in resource))
    .map(({ name }) => `no ${at}${name}`)
  const wrong = Object.entries(resource).flatMap(([name, value]) => {
    const known = attributes.find((one) => one.name === name)
    if (!known || known.returned === 'never') return [`unknown ${at}${name}`]
    if (known.multiValued !== Array.isArray(value))
      return [`${at}${name} is ${known.multiValued ? 'no list' : 'a list'}`]
    return (Array.isArray(value) ? value : [value]).flatMap((one) => {
      if (known.type === 'complex') return faults(one, known.subAttributes ?? [], `${at}${name}.`)
      return isOf[known.type]?.(one) ? [] : [`${at}${name} is no ${known.type}`]
    })
  })
  return [...missing, ...wrong]
}

/** As they were published: `meta`, `schemas` and `id` belong to every resource. */
const published = (name: 'User' | 'Group'): Attribute[] => [
  ...(
    JSON.parse(JSON.stringify(SCIMMY.Schemas[name].definition.describe())) as { attributes: Attribute[] }
  ).attributes.filter((attribute) => !common.some(({ name: own }) => own === attribute.name)),
  ...common,
]

describe('what a directory is answered', () => {
  let w: DirectoryWorld
  let directory: Directory
  const answers: Record<'User' | 'Group', Record<string, unknown>[]> = { User: [], Group: [] }
  beforeAll(async () => {
    w = await directoryWorld()
    await w.reset()
    directory = await w.directory()
    const user = {
      userName: 'ada@acme.example',
      externalId: 'x',
      displayName: 'Ada',
      name: { givenName: 'A', familyName: 'L' },
    }
    const { body: ada } = await directory.ask('POST', '/Users', user)
    const { body: bare } = await directory.ask('POST', '/Users', { userName: 'bare@acme.example', active: false })
    const group = { displayName: 'Builders', externalId: 'y', members: [{ value: ada.id }] }
    const { body: builders } = await directory.ask('POST', '/Groups', group)
    const get = async (path: string) => (await directory.ask('GET', path)).body
    answers.User.push(ada, bare, await get(`/Users/${ada.id}`), ...(await get('/Users')).Resources)
    answers.Group.push(builders, await get(`/Groups/${builders.id}`), ...(await get('/Groups')).Resources)
  })
  afterAll(() => w.close())

  it.each(['User', 'Group'] as const)('has a %s as its published schema says (RFC 7643)', (name) => {
    expect(answers[name].length).toBeGreaterThan(2)
    for (const resource of answers[name])
      expect([resource.id, faults(resource, published(name))]).toEqual([resource.id, []])
    expect(faults({ ...answers[name][0], password: 'x', active: 'yes' }, published(name)).length).toBeGreaterThan(0)
  })

  it.each(['User', 'Group'] as const)('has a %s as the schema says that we publish ourselves', async (name) => {
    const { body } = await directory.ask('GET', `/Schemas/urn:ietf:params:scim:schemas:core:2.0:${name}`)
    for (const resource of answers[name]) expect(faults(resource, [...body.attributes, ...common])).toEqual([])
  })

  it('publishes of each attribute what was published of it', async () => {
    const { body } = await directory.ask('GET', '/Schemas')
    expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 2, startIndex: 1 })
    for (const name of ['User', 'Group'] as const) {
      const ours: Attribute[] = body.Resources.find((schema: { name: string }) => schema.name === name).attributes
      for (const attribute of ours.filter(({ name: own }) => own !== 'externalId')) {
        const theirs = published(name).find((one) => one.name === attribute.name)
        expect([attribute.name, attribute.type, attribute.multiValued]).toEqual([
          theirs?.name,
          theirs?.type,
          theirs?.multiValued,
        ])
        for (const sub of attribute.subAttributes ?? [])
          expect([sub.name, sub.type]).toEqual([
            sub.name,
            theirs?.subAttributes?.find((one) => one.name === sub.name)?.type,
          ])
      }
    }
  })

  it('says what there is and what is supported', async () => {
    const { body: config } = await directory.ask('GET', '/ServiceProviderConfig')
    expect(config).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { maxResults: 200 },
    })
    const { body: types } = await directory.ask('GET', '/ResourceTypes')
    expect(types.Resources.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual(['/Users', '/Groups'])
    expect((await directory.ask('GET', '/ResourceTypes/User')).body).toMatchObject({ id: 'User', name: 'User' })
    expect((await directory.ask('GET', '/ResourceTypes/Printer')).status).toBe(404)
  })

  it('gives the attributes that are asked for, and id and schemas always', async () => {
    const ask = async (query: string) =>
      Object.keys((await directory.ask('GET', `/Users?${query}`)).body.Resources[0]).sort()
    expect(await ask('attributes=userName,name.givenName')).toEqual(['id', 'name', 'schemas', 'userName'])
    expect(await ask('excludedAttributes=groups,meta,id,emails,externalId,name')).toEqual([
      'active',
      'displayName',
      'id',
      'schemas',
      'userName',
    ])
  })
})
