import { z } from 'zod'
import { roleNames } from '../platform/access/roles.js'
import { timestamp } from '../platform/http/fields.js'
import { Email, NewPassword, PersonName } from '../users/users.js'

const token = z.string().max(200)

/** A role of every team by its name, or one of this team by its id. */
const RoleChoice = z.union([z.enum(roleNames), z.uuid()], 'Choose a role')

const On = z
  .string()
  .regex(/^(team|(site|server|group):[0-9a-f-]{36})$/, 'Choose what the role is held on')
  .default('team')

export const NewInvitation = z.strictObject({ email: Email, role: RoleChoice, on: On })

export const TokenQuery = z.object({ token: token.optional() })

export const Acceptance = z.strictObject({ token })

export const Newcomer = z.strictObject({ token, name: PersonName, password: NewPassword })

export const InvitationList = z.object({
  invitations: z.array(
    z.object({
      id: z.uuid(),
      email: z.string(),
      roleName: z.string(),
      onName: z.string().nullable(),
      inviter: z.string(),
      sentAt: timestamp(),
      expiresAt: timestamp(),
      isExpired: z.boolean(),
    }),
  ),
})
