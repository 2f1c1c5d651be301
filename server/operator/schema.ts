import { z } from 'zod'
import { pageQuery } from '../platform/http/pagination.js'

export const SearchQuery = pageQuery.extend({ q: z.string().max(100).default('').describe('In names and addresses') })

/** Kept in the event log, and shown to operators. */
export const Suspension = z.strictObject({
  reason: z
    .string()
    .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text), 'A reason cannot hold control characters')
    .trim()
    .min(1, 'Say why: it stays in the log')
    .max(300, 'A reason has at most 300 characters'),
})
