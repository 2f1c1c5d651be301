import { z } from 'zod'
import { roleNames } from '../platform/access/roles.js'
import { timestamp } from '../platform/http/fields.js'

export const TeamName = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give the team a name')
  .max(80, 'A name has at most 80 characters')

/** Null: they hold roles on parts of the team alone. */
const role = z.enum(roleNames).nullable()

const Team = z.object({ id: z.uuid(), slug: z.string(), name: z.string(), role })

export const TeamList = z.object({ teams: z.array(Team) })

export const MemberList = z.object({
  members: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      email: z.string(),
      role,
      since: timestamp(),
    }),
  ),
})
