import { z } from 'zod'
import { roleNames } from '../platform/access/roles.js'
import { timestamp } from '../platform/http/fields.js'

export const NewApiKey = z.strictObject({
  name: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
    .trim()
    .min(1, 'Give the key a name to know it by')
    .max(80, 'A name has at most 80 characters'),
  role: z.enum(roleNames, 'Choose a role'),
  /** In days. */
  lifetime: z.enum(['30', '90', '365', 'never'], 'Choose how long it is good for'),
})

const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  role: z.enum(roleNames),
  prefix: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  createdBy: z.string().nullable(),
  createdAt: timestamp(),
  expiresAt: timestamp().nullable(),
  lastUsedAt: timestamp().nullable(),
})

export const ApiKeyList = z.object({ apiKeys: z.array(ApiKey) })

/** The only time that the key itself leaves. */
export const CreatedApiKey = z.object({ id: z.uuid(), key: z.string(), prefix: z.string() })
