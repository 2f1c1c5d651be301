import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { NewHolding } from '../roles/roles.js'
import { Email, NewPassword, PersonName } from '../users/users.js'

const token = z.string().max(200)

export const NewInvitation = NewHolding.extend({ email: Email, on: NewHolding.shape.on.default('team') })
export type NewInvitation = z.output<typeof NewInvitation>

export const TokenQuery = z.object({ token: token.optional() })

export const Acceptance = z.strictObject({ token })

export const Newcomer = z.strictObject({ token, name: PersonName, password: NewPassword })

export const InvitationAnswer = z.object({
  id: z.uuid(),
  email: z.string(),
  link: z.string().nullable().describe('To pass on; null where it was mailed'),
})

/** There is nothing to say of it. */
export const Revoked = z.object({})

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
