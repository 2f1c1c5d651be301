import { page } from '../rules.js'
import { type Resource, urn } from './resources.js'

/** What we say of ourselves (RFC 7643, 5 to 7): only what we keep is in the schemas. */

const about = 'urn:ietf:params:scim:schemas:core:2.0'

/** An attribute with what most of them are. */
const attribute = (name: string, description: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ name, type: 'string', multiValued: false, description, required: false, caseExact: false },
  ...{ mutability: 'readWrite', returned: 'default', uniqueness: 'none' },
  ...more,
})

const complex = (name: string, description: string, subAttributes: readonly unknown[], more = {}) => {
  const {
    caseExact: _case,
    uniqueness: _uniqueness,
    ...rest
  } = attribute(name, description, { type: 'complex', ...more })
  return { ...rest, subAttributes }
}

const yesNo = (name: string, description: string, more = {}) => {
  const {
    caseExact: _case,
    uniqueness: _uniqueness,
    ...rest
  } = attribute(name, description, { type: 'boolean', ...more })
  return rest
}

const reference = (description: string, referenceTypes: readonly string[], mutability: string) =>
  attribute('$ref', description, { type: 'reference', referenceTypes, caseExact: true, mutability })

const externalId = attribute('externalId', 'What the directory calls it', { caseExact: true })
const readOnly = { mutability: 'readOnly' } as const
const immutable = { mutability: 'immutable' } as const

const userSchema = {
  id: urn.user,
  name: 'User',
  description: 'Somebody whom the directory tells of',
  attributes: [
    externalId,
    attribute('userName', 'What they sign in with', { required: true, uniqueness: 'server' }),
    attribute('displayName', 'How they are called'),
    complex('name', 'Their name', [
      attribute('givenName', 'The given name'),
      attribute('familyName', 'The family name'),
    ]),
    complex(
      'emails',
      'One address is kept: the primary one, else that of the work. Without any, the user name has to be one',
      [
        attribute('value', 'The address'),
        attribute('type', 'Which it is', { canonicalValues: ['work', 'home', 'other'] }),
        yesNo('primary', 'Whether it is the one to write to'),
      ],
      { multiValued: true },
    ),
    yesNo('active', 'Whether they are in the team: false takes them out of it'),
    complex(
      'groups',
      'Those that they are in',
      [
        attribute('value', 'The id of the group', { ...readOnly, caseExact: true }),
        reference('Where the group is', ['Group'], 'readOnly'),
        attribute('display', 'How it is called', readOnly),
        attribute('type', 'How they are in it', { ...readOnly, canonicalValues: ['direct'] }),
      ],
      { multiValued: true, ...readOnly },
    ),
  ],
}

const groupSchema = {
  id: urn.group,
  name: 'Group',
  description: 'People who may hold roles of the team by being in it',
  attributes: [
    externalId,
    attribute('displayName', 'How it is called', { required: true, uniqueness: 'server' }),
    complex(
      'members',
      'Who is in it: users of the same directory',
      [
        attribute('value', 'The id of the user', { ...immutable, caseExact: true }),
        reference('Where the user is', ['User'], 'immutable'),
        attribute('display', 'How they are called', readOnly),
        attribute('type', 'What it is', { ...immutable, canonicalValues: ['User'] }),
      ],
      { multiValued: true },
    ),
  ],
}

const located = (base: string, path: string, resourceType: string) => ({
  meta: { resourceType, location: `${base}/${path}` },
})

export const schemas = (base: string): Resource[] =>
  [userSchema, groupSchema].map((schema) => ({
    schemas: [`${about}:Schema`],
    ...schema,
    ...located(base, `Schemas/${schema.id}`, 'Schema'),
  }))

export const resourceTypes = (base: string): Resource[] =>
  [userSchema, groupSchema].map(({ id: schema, name, description }) => ({
    schemas: [`${about}:ResourceType`],
    ...{ id: name, name, description, endpoint: `/${name}s`, schema },
    ...located(base, `ResourceTypes/${name}`, 'ResourceType'),
  }))

export const serviceProviderConfig = (base: string): Resource => ({
  schemas: [`${about}:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: page.most },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Token of the directory',
      description: 'Made on the directory’s page of the sign-in connection, and sent as Authorization: Bearer',
      primary: true,
    },
  ],
  ...located(base, 'ServiceProviderConfig', 'ServiceProviderConfig'),
})
