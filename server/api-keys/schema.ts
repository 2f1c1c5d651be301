import { z } from 'zod'
import { allPermissions } from '../platform/access/permissions.js'
import { several, timestamp } from '../platform/http/fields.js'
import { networkOf } from './networks.js'
import { overlaps } from './rules.js'

/** From a form one a line, from JSON a list. */
const Networks = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/\r?\n/).filter((line) => line.trim() !== '') : (value ?? [])),
  z
    .array(
      z
        .string()
        .trim()
        .refine((text) => networkOf(text) !== null, 'Write addresses or networks, such as 203.0.113.7 or 10.0.0.0/8'),
    )
    .max(50, 'At most 50 networks'),
)

export const NewApiKey = z.strictObject({
  name: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
    .trim()
    .min(1, 'Give the key a name to know it by')
    .max(80, 'A name has at most 80 characters'),
  /** The team’s own keys stay when their maker leaves. */
  owner: z.enum(['person', 'team'], 'Choose whose key it is').default('person'),
  kind: z.enum(['secret', 'publishable'], 'Choose what kind of key it is').default('secret'),
  role: z
    .string()
    .min(1, 'Choose a role')
    .max(60)
    .describe('A built-in role, the id of one of the team’s own, or `chosen` for the permissions that are listed'),
  permissions: several(z.enum(allPermissions, 'There is no such permission')),
  on: z.enum(['team', 'group', 'site', 'server'], 'Choose what it is for').default('team'),
  thing: z.string().trim().max(80).default(''),
  networks: Networks,
  /** In days. */
  lifetime: z.enum(['30', '90', '365', 'never'], 'Choose how long it is good for'),
})

/** In hours. */
export const Rotation = z.strictObject({ overlap: z.enum(overlaps, 'Choose how long the old key goes on') })

const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  owner: z.enum(['person', 'team']),
  kind: z.enum(['secret', 'publishable']),
  role: z.string().nullable(),
  permissions: z.array(z.string()).nullable(),
  on: z.object({ kind: z.enum(['team', 'group', 'site', 'server']), name: z.string().nullable() }),
  networks: z.array(z.string()),
  prefix: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  isReplaced: z.boolean(),
  createdBy: z.string().nullable(),
  createdAt: timestamp(),
  expiresAt: timestamp().nullable(),
  lastUsedAt: timestamp().nullable(),
})

export const ApiKeyList = z.object({ apiKeys: z.array(ApiKey) })

/** The only time that the key itself leaves. */
export const CreatedApiKey = z.object({ id: z.uuid(), key: z.string(), prefix: z.string() })
