import { z } from 'zod'
import { optional, timestamp } from '../platform/http/fields.js'
import { TypedPassword } from '../users/users.js'

const Code = z.string().max(100, 'A code is shorter').trim().min(1, 'Type the code')

const next = z.string().max(2000).optional()

export const FactorQuery = z.object({ next })

export const FactorCode = z.strictObject({ code: Code, next })

export const AppCode = z.strictObject({ code: Code })

export const ProofQuery = z.object({ next, both: z.literal('yes').optional() })

export const NewProof = z
  .strictObject({ password: optional(TypedPassword), code: optional(Code), next, both: z.literal('yes').optional() })
  .refine(({ password, code }) => password !== null || code !== null, {
    path: ['password'],
    message: 'Type your password, or a code',
  })

export const SignInMethods = z.object({
  app: timestamp().nullable(),
  passkeys: z.array(
    z.object({ id: z.uuid(), name: z.string(), createdAt: timestamp(), lastUsedAt: timestamp().nullable() }),
  ),
  recoveryCodesLeft: z.number(),
})
