import { z } from 'zod'
import { optional, timestamp } from '../../platform/http/fields.js'
import { Secret } from '../../platform/secret.js'
import { dnsProviderNames } from './providers/providers.js'

export const NewDnsChallenge = z.strictObject({
  provider: z.enum(dnsProviderNames, 'Choose who runs the DNS of this domain'),
  apiUrl: optional(z.string().trim().max(500)).describe('Of a program of one’s own: where it listens'),
  token: z
    .string()
    .trim()
    .min(1, 'Paste the token here')
    .max(1000, 'A token has at most 1,000 characters')
    .refine((text) => !/[\p{Cc}\s]/u.test(text), 'A token holds no spaces or line breaks')
    .transform((text) => new Secret(text))
    .describe('It is not shown again'),
})
export type NewDnsChallenge = z.output<typeof NewDnsChallenge>

export const DnsChallengeOutput = z.object({
  provider: z.enum(dnsProviderNames),
  providerLabel: z.string(),
  setBy: z.string(),
  setAt: timestamp(),
  obtainedAt: timestamp().nullable(),
  nextAt: timestamp().describe('When the certificate is obtained or renewed next'),
  isWaiting: z.boolean().describe('The record is set, and DNS is asked until it shows it'),
  fault: z.string().nullable().describe('Why it could not be obtained the last time'),
})
