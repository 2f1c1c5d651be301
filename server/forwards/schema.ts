import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { optional, timestamp } from '../platform/http/fields.js'

/** What stands in the field of a secret that is kept. */
export const placeholder = '••••••••'

const isCertificate = (text: string): boolean => {
  try {
    return new X509Certificate(text).raw.length > 0
  } catch {
    return false
  }
}

export const ForwardWish = z.strictObject({
  kind: z.enum(['syslog', 'https']),
  address: z.string().trim().min(1, 'Give an address').max(500),
  ca: optional(z.string().max(20_000).refine(isCertificate, 'This is no certificate in PEM')),
  secret: optional(z.string().max(200)),
})

export const ForwardAnswer = z.object({
  forward: z
    .object({
      kind: z.enum(['syslog', 'https']),
      address: z.string(),
      ca: z.string().nullable(),
      hasSecret: z.boolean(),
      fault: z.string().nullable().describe('Why the last events were not taken'),
      failures: z.number().int(),
      retryAt: timestamp().nullable(),
      sentAt: timestamp().nullable(),
    })
    .nullable(),
  behind: z.number().int().describe('How many events are still to be sent'),
})

/** There is nothing to say of it. */
export const Done = z.object({})

export type Wish = z.output<typeof ForwardWish>
