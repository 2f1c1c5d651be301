import { ScimFault } from '../../platform/http/scim-fault.js'
import { page } from '../rules.js'
import { nameOf } from './attributes.js'

/** How we write resources and lists of them (RFC 7643, 3; RFC 7644, 3.4.2). */

export type Resource = Readonly<Record<string, unknown>> & { readonly schemas: readonly string[] }

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
} as const

interface Dated {
  readonly id: string
  readonly created_at: Date
  readonly changed_at: Date
}

export interface Member {
  readonly id: string
  readonly name: string
}

export type UserRow = Dated & {
  readonly user_name: string
  readonly external_id: string | null
  readonly display_name: string | null
  readonly given_name: string | null
  readonly family_name: string | null
  readonly email: string
  /** The directory says so, and they are in the team. */
  readonly is_in: boolean
  readonly groups: readonly Member[]
}

/** `base` is the address of the directory. */
export const userResource = (row: UserRow, base: string): Resource => ({
  schemas: [urn.user],
  id: row.id,
  ...some('externalId', row.external_id),
  userName: row.user_name,
  ...some('displayName', row.display_name),
  ...((row.given_name ?? row.family_name) && {
    name: { ...some('givenName', row.given_name), ...some('familyName', row.family_name) },
  }),
  emails: [{ value: row.email, type: 'work', primary: true }],
  active: row.is_in,
  groups: row.groups.map(({ id, name }) => ({
    ...{ value: id, $ref: `${base}/Groups/${id}`, display: name, type: 'direct' },
  })),
  meta: metaOf('User', row, `${base}/Users/${row.id}`),
})

export type GroupRow = Dated & {
  readonly display_name: string
  readonly external_id: string | null
  readonly members: readonly Member[]
}

export const groupResource = (row: GroupRow, base: string): Resource => ({
  schemas: [urn.group],
  id: row.id,
  ...some('externalId', row.external_id),
  displayName: row.display_name,
  members: row.members.map(({ id, name }) => ({
    ...{ value: id, $ref: `${base}/Users/${id}`, display: name, type: 'User' },
  })),
  meta: metaOf('Group', row, `${base}/Groups/${row.id}`),
})

const some = (name: string, value: string | null): Record<string, string> => (value === null ? {} : { [name]: value })

const metaOf = (resourceType: 'User' | 'Group', { created_at, changed_at }: Dated, location: string) => ({
  ...{ resourceType, created: created_at.toISOString(), lastModified: changed_at.toISOString(), location },
})

/** Which attributes an answer is to have (RFC 7644, 3.9). Those that each has in any case are not asked about. */
export interface Chosen {
  readonly attributes?: string | undefined
  readonly excludedAttributes?: string | undefined
}

export function choosing({ attributes, excludedAttributes }: Chosen): (resource: Resource) => Resource {
  const [only, without] = [namesIn(attributes), namesIn(excludedAttributes)]
  if (!only && !without) return (resource) => resource
  const isKept = (name: string) => always.has(name) || (only ? only.has(name) : !without?.has(name))
  return (resource) => ({
    ...Object.fromEntries(Object.entries(resource).filter(([name]) => isKept(name.toLowerCase()))),
    schemas: resource.schemas,
  })
}

const always: ReadonlySet<string> = new Set(['schemas', 'id'])

/** `name.givenName` asks for `name`: nothing in there is a secret, or long. */
const namesIn = (list: string | undefined): ReadonlySet<string> | null =>
  list ? new Set(list.split(',').map((name) => nameOf(name.trim()).split('.')[0] ?? '')) : null

/** Whether that attribute would be left out of each answer, so that nobody needs to look it up. */
export const leavesOut = (chosen: Chosen, attribute: string): boolean =>
  !(attribute in choosing(chosen)({ schemas: [], [attribute]: true }))

export interface Page {
  /** From 1. */
  readonly startIndex: number
  readonly count: number
}

/** @throws ScimFault for what is no number */
export const pageOf = (startIndex: string | undefined, count: string | undefined): Page => ({
  startIndex: Math.max(1, wholeNumber('startIndex', startIndex) ?? 1),
  count: Math.min(page.most, Math.max(0, wholeNumber('count', count) ?? page.usual)),
})

function wholeNumber(name: string, text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (!/^-?\d{1,9}$/.test(text)) throw new ScimFault('invalidValue', `${name} has to be a whole number`)
  return Number(text)
}

export const listResponse = (resources: readonly Resource[], total: number, startIndex = 1) => ({
  ...{ schemas: [urn.list], totalResults: total, startIndex, itemsPerPage: resources.length },
  Resources: resources,
})
