import { z } from 'zod'
import { integer } from '../platform/http/fields.js'
import { longestHours } from './rules.js'

export const SupportWish = z.strictObject({
  reason: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A reason cannot hold control characters')
    .trim()
    .min(1, 'Say what you want to look at: the team reads it')
    .max(300, 'A reason has at most 300 characters'),
  hours: integer(1, longestHours),
})

export const SupportChoice = z.strictObject({ mode: z.enum(['consent', 'policy']) })
