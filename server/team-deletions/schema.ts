import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'

export const DeletionAnswer = z.object({
  deletion: z.object({
    delete_requested_at: timestamp().nullable(),
    delete_requested_by: z.string().nullable(),
    delete_after: timestamp().nullable(),
  }),
  sites: z.array(z.string()),
  previews: z.array(z.string()),
  servers: z.array(z.string()),
  domains: z.array(z.string()),
  apiKeys: z.number().int(),
  connections: z.number().int(),
})

export const Confirmed = z.strictObject({ confirm: z.string().max(200) })
