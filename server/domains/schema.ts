import { z } from 'zod'
import { UserError } from '../platform/errors.js'
import { checkbox, timestamp } from '../platform/http/fields.js'
import { OwnCertificateOutput } from './certificates/own-schema.js'
import { DnsChallengeOutput } from './dns-challenges/challenge-schema.js'
import { parseDomainName } from './names.js'

/** Forms and API bodies of domains, and what the API answers. */

const DomainName = z
  .string()
  .max(1000, 'A name has at most 253 characters')
  .transform((text, context): string => {
    try {
      return parseDomainName(text)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  })

const redirectStatus = z.preprocess(
  (value) => (value === '301' ? 301 : value === '308' ? 308 : value),
  z.literal([301, 308], 'Choose 301 or 308'),
)

export const NewDomain = z.strictObject({
  name: DomainName.describe('Such as www.example.com, or *.example.com for all names below it'),
  role: z
    .enum(['serve', 'redirect'], 'Choose what it does')
    .default('redirect')
    .describe('The first one is the primary one'),
  redirectStatus: redirectStatus.default(308),
})
export type NewDomain = z.output<typeof NewDomain>

/** What is left out stays. */
export const DomainChanges = z.strictObject({
  role: z.enum(['primary', 'serve', 'redirect'], 'Choose what it does').optional(),
  redirectStatus: redirectStatus.optional(),
})
export type DomainChanges = z.output<typeof DomainChanges>

export const FrontChanges = z.strictObject({
  forceHttps: checkbox().describe('Visitors who come by HTTP are sent to HTTPS'),
  hsts: checkbox().describe('Browsers are told to use nothing but HTTPS for two years'),
})
export type FrontChanges = z.output<typeof FrontChanges>

/** The longest label of a site has 41 characters, and a name 253. */
const longestSitesDomain = 211

/** Given with or without the star in front. */
export const NewSitesDomain = z.strictObject({
  name: z
    .string()
    .max(1000, 'A name has at most 253 characters')
    .transform((text) => `*.${text.trim().replace(/^\*\./, '')}`)
    .pipe(DomainName)
    .refine(
      (name) => name.length <= longestSitesDomain + 2,
      `Names of sites have to fit in front: at most ${longestSitesDomain} characters`,
    )
    .describe('Such as sites.example.com: a site called shop is shop.sites.example.com then'),
})

export const DnsRecord = z.object({
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT']),
  name: z.string(),
  value: z.string(),
})
export type DnsRecord = z.output<typeof DnsRecord>

/** One thing that was seen, in words. */
export const Finding = z.object({
  tone: z.enum(['good', 'warning', 'bad']),
  title: z.string(),
  hint: z.string().nullable(),
})
export type Finding = z.output<typeof Finding>

export const CertificateOutput = z.object({
  issuer: z.string().nullable(),
  beginsAt: timestamp().nullable(),
  endsAt: timestamp().nullable().describe('Null while there is none'),
  seenAt: timestamp(),
  failure: z.string().nullable().describe('Why there is none, or why the next one does not come'),
  hint: z.string().nullable(),
})

export const DomainOutput = z.object({
  id: z.uuid(),
  name: z.string().describe('ASCII, as it stands in DNS'),
  unicodeName: z.string().describe('As people read it'),
  role: z.enum(['primary', 'serve', 'redirect']),
  redirectStatus: z.number().int(),
  state: z.enum(['unverified', 'waiting', 'failed', 'served', 'not-served']),
  verifiedAt: timestamp().nullable(),
  verifiedBy: z.enum(['dns', 'http', 'sites-domain']).nullable(),
  isGiven: z.boolean().describe('By the sites domain of its server, and gone with it'),
  isChecking: z.boolean(),
  checkedAt: timestamp().nullable(),
  findings: z.array(Finding).describe('What the last check saw'),
  certificate: CertificateOutput.nullable().describe(
    'As it was last seen by a visitor’s eyes; null before the first look',
  ),
  createdAt: timestamp(),
})

export const FrontOutput = z.object({
  forceHttps: z.boolean(),
  hsts: z.boolean(),
  state: z.enum(['empty', 'unsupported', 'waiting', 'failed', 'applied']).describe('Whether the edge has the domains'),
  failure: z.string().nullable(),
  hint: z.string().nullable(),
  appliedAt: timestamp().nullable(),
})

export const DomainsAnswer = z.object({ domains: z.array(DomainOutput), front: FrontOutput })

/** The certificate of a name in place of what Caddy would obtain. */
const heldCertificate = {
  own: OwnCertificateOutput.nullable().describe('The certificate that is there in place of what Caddy would obtain'),
  dnsChallenge: DnsChallengeOutput.nullable().describe('How the certificate of a wildcard is obtained by DNS'),
}

export const DomainAnswer = z.object({
  domain: DomainOutput,
  proof: DnsRecord.describe('The record that proves the name'),
  pointing: z.array(DnsRecord).describe('The records that bring visitors to the server'),
  ...heldCertificate,
  sitesDomainCertificate: OwnCertificateOutput.nullable().describe(
    'The certificate of the sites domain that gives this name',
  ),
})

export const SitesDomainOutput = z.object({
  name: z.string().describe('ASCII, as it stands in DNS'),
  unicodeName: z.string().describe('As people read it'),
  isProven: z.boolean().describe('Sites have no names by it before'),
  isChecking: z.boolean(),
  checkedAt: timestamp().nullable(),
  findings: z.array(Finding).describe('What the last check saw'),
  createdAt: timestamp(),
})

export const SitesDomainAnswer = z.object({
  sitesDomain: SitesDomainOutput.nullable(),
  proof: DnsRecord.nullable().describe('The record that proves it'),
  pointing: z.array(DnsRecord).nullable().describe('The records that bring visitors to the server'),
  sites: z
    .array(z.object({ name: z.string(), site: z.object({ slug: z.string(), name: z.string() }) }))
    .describe('Names that it gives, to which site; the first 200'),
  ...heldCertificate,
})

export const ChangedDomain = z.object({ domain: DomainOutput })

export const ChangedFront = z.object({ front: FrontOutput })

export const Removed = z.object({})
