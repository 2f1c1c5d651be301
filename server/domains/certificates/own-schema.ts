import { z } from 'zod'
import { timestamp } from '../../platform/http/fields.js'
import { Secret } from '../../platform/secret.js'

export const NewCertificate = z.strictObject({
  chain: z
    .string()
    .max(100_000, 'This is too long for a certificate')
    .describe(
      'PEM: the certificate itself first, then who signed it, up to a root that browsers know or is given with it',
    ),
  privateKey: z
    .string()
    .max(20_000, 'A private key has at most 20,000 characters')
    .transform((text) => new Secret(text))
    .describe('The private key as PEM, without a passphrase. It is not shown again'),
})
export type NewCertificate = z.output<typeof NewCertificate>

export const OwnCertificateOutput = z.object({
  issuer: z.string(),
  beginsAt: timestamp(),
  endsAt: timestamp(),
  givenBy: z.string(),
  givenAt: timestamp(),
  source: z.enum(['given', 'dns']).describe('By somebody, or obtained by DNS and renewed by itself'),
})

export const NoCertificate = z.object({})
