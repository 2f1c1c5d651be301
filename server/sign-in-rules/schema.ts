import { z } from 'zod'
import { checkbox, integer, optional } from '../platform/http/fields.js'

export const SignInRulesInput = z.strictObject({
  requiresFactor: checkbox(),
  idleMinutes: optional(integer(5, 10_080)),
  longestHours: optional(integer(1, 720)),
})

export const SignInRulesView = z.object({
  requiresFactor: z.boolean(),
  idleMinutes: z.number().nullable(),
  longestHours: z.number().nullable(),
})
