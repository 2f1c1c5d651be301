import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'

export const NewClaim = z.strictObject({ name: z.string().max(300, 'A domain has at most 253 characters') })

const Claim = z.object({
  id: z.uuid(),
  name: z.string(),
  isProven: z.boolean(),
  fault: z.enum(['not-there', 'held', 'unsaid']).nullable(),
  missingSince: timestamp().nullable(),
  checkedAt: timestamp().nullable(),
  /** What has to stand in the DNS of the domain. */
  record: z.object({ name: z.string(), value: z.string() }),
})

export const ClaimList = z.object({ domainClaims: z.array(Claim) })
export const ClaimAnswer = z.object({ domainClaim: Claim })
export const Removed = z.object({})
