import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { NewHolding } from '../roles/roles.js'
import { lifetimes, overlaps } from './rules.js'

/** In days. */
export const NewToken = z.strictObject({ lifetime: z.enum(lifetimes, 'Choose how long it is good for') })

/** In hours. */
export const TokenRotation = z.strictObject({ overlap: z.enum(overlaps, 'Choose how long the old token goes on') })

export const NewDirectoryRole = NewHolding.extend({
  group: z.string().max(60).describe('The id of a group of the directory'),
})

const Token = z.object({
  id: z.uuid(),
  prefix: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  isReplaced: z.boolean(),
  createdBy: z.string(),
  createdAt: timestamp(),
  expiresAt: timestamp(),
  lastUsedAt: timestamp().nullable(),
})

const GroupRole = z.object({
  id: z.uuid(),
  group: z.string(),
  role: z.string(),
  on: z.object({ kind: z.enum(['team', 'group', 'site', 'server']), name: z.string().nullable() }),
})

export const DirectoryAnswer = z.object({
  directory: z.object({
    address: z.string().describe('Where the directory sends what it tells: the base address of SCIM'),
    people: z.number().int(),
    groups: z.array(z.object({ id: z.uuid(), name: z.string(), members: z.number().int() })),
    tokens: z.array(Token),
    roles: z.array(GroupRole),
  }),
})

const text = z.string().max(2000).optional()

/** What stands in the address of a resource. Sorting is taken and not done (RFC 7644, 3.4.2.3). */
export const ResourceQuery = z.object({ attributes: text, excludedAttributes: text })

export const ListQuery = ResourceQuery.extend({
  filter: text,
  startIndex: text,
  count: text,
  sortBy: text,
  sortOrder: text,
})
