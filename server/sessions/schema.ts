import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { TypedEmail, TypedPassword } from '../users/users.js'

export const SignIn = z.object({
  email: TypedEmail,
  password: TypedPassword,
  next: z.string().max(2000).optional(),
})

export const SignInQuery = z.object({ next: z.string().max(2000).optional() })

export const SessionList = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      isCurrent: z.boolean(),
      ip: z.string().nullable(),
      place: z.string().nullable(),
      how: z.string(),
      userAgent: z.string().nullable(),
      browser: z.string(),
      createdAt: timestamp(),
      lastSeenAt: timestamp(),
    }),
  ),
})
