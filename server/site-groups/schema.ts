import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'

export const GroupName = z.strictObject({
  name: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
    .trim()
    .min(1, 'Give the group a name')
    .max(60, 'A name has at most 60 characters'),
})

/** By slug. */
export const GroupedSite = z.strictObject({ site: z.string().trim().min(1, 'Name a site').max(60) })

const Group = z.object({ id: z.uuid(), name: z.string(), sites: z.number().int(), createdAt: timestamp() })

export const GroupList = z.object({ groups: z.array(Group) })

export const GroupAnswer = z.object({
  group: Group,
  sites: z.array(z.object({ slug: z.string(), name: z.string() })),
})
