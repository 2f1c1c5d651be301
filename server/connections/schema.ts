import { z } from 'zod'
import { gitHostNames } from '../git/hosts/hosts.js'
import { checkbox, optional, timestamp } from '../platform/http/fields.js'
import { Secret } from '../platform/secret.js'
import { Repository } from '../sites/sites.js'
import { GithubApp } from './github-app/schema.js'

export const NewConnection = z.strictObject({
  repositoryUrl: Repository,
  host: z
    .preprocess(
      (value) => (value === '' ? undefined : value),
      z.enum(gitHostNames, 'Choose the kind of host').optional(),
    )
    .describe('Left out where the address tells'),
})
export type NewConnection = z.output<typeof NewConnection>

export const NewToken = z.strictObject({
  token: z
    .string()
    .trim()
    .min(1, 'Paste the token')
    .max(500, 'A token has at most 500 characters')
    .regex(/^[\x21-\x7e]+$/, 'A token holds letters, digits and signs, and no spaces'),
  apiUrl: optional(z.string().trim().max(1000, 'The address is too long')).describe(
    "Left out where the host's API is in its usual place",
  ),
  offersRepositories: checkbox().describe('Whether members who create sites may choose from all repositories it reads'),
})
export type NewToken = z.output<typeof NewToken>

/** What exactly it is, the kind of host knows. */
export const NewSigningToken = z.strictObject({
  signingToken: z
    .string()
    .trim()
    .min(1, 'Paste the signing token')
    .max(200, 'A signing token has at most 200 characters')
    .transform((text) => new Secret(text))
    .describe('Of a webhook at GitLab 19 or later: whsec_…'),
})
export type NewSigningToken = z.output<typeof NewSigningToken>

const Connection = z.object({
  id: z.uuid(),
  host: z.enum(gitHostNames),
  repository: z.string().describe('However it is cloned: github.com/acme/shop'),
  webhookUrl: z.url(),
  createdBy: z.string(),
  createdAt: timestamp(),
  lastDeliveryAt: timestamp().nullable(),
  hasToken: z.boolean().describe('Whether the host is told how deploys went'),
  hasWebhook: z.boolean().describe('Whether a webhook of its own tells of its pushes'),
  hasSigningToken: z
    .boolean()
    .describe('Whether that webhook signs with a token of the host, and the secret is not taken'),
  appId: z.uuid().nullable().describe('The GitHub App that it is connected through'),
  offersRepositories: z
    .boolean()
    .describe('Whether new sites may be chosen from all repositories that its token reads'),
  apiUrl: z.string(),
  statusesFault: z.string().nullable().describe('Why the host was not told the last time'),
  statusesSentAt: timestamp().nullable(),
})

export const ConnectionList = z.object({ connections: z.array(Connection), apps: z.array(GithubApp) })

export const ConnectionAnswer = z.object({ connection: Connection })

/** The only time that the secret leaves. */
export const ConnectedAnswer = z.object({ connection: Connection, secret: z.string() })
