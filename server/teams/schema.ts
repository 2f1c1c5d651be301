import { z } from 'zod'
import { roleNames } from '../platform/access/roles.js'
import { timestamp } from '../platform/http/fields.js'

export const TeamName = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A name cannot hold control characters')
  .trim()
  .min(1, 'Give the team a name')
  .max(80, 'A name has at most 80 characters')

export const NamedTeam = z.strictObject({ name: TeamName })

export const NewRole = z.strictObject({ role: z.enum(roleNames) })

export const Transfer = z.strictObject({ member: z.uuid('Choose a member of the team') })

/** Null: they hold roles on parts of the team alone. */
const role = z.enum(roleNames).nullable()

const Team = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  role,
  closed: z.enum(['deleted', 'suspended']).nullable(),
})

export const TeamList = z.object({ teams: z.array(Team) })

export const TeamAnswer = z.object({ team: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }) })

const Member = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role,
  since: timestamp(),
  isSuspended: z.boolean(),
})

export const MemberList = z.object({ members: z.array(Member) })

export const MemberAnswer = z.object({ member: Member })
