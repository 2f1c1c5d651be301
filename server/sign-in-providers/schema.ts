import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'

export const IdentityList = z.object({
  identities: z.array(
    z.object({
      id: z.uuid(),
      provider: z.string(),
      name: z.string(),
      teamName: z.string().nullable(),
      email: z.string().nullable(),
      createdAt: timestamp(),
      lastUsedAt: timestamp().nullable(),
    }),
  ),
})
