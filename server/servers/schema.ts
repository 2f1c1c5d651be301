import { isIP } from 'node:net'
import { z } from 'zod'
import { integer, optional, timestamp } from '../platform/http/fields.js'
import { pageQuery } from '../platform/http/pagination.js'
import { CheckItem } from './checklist.js'
import { Facts } from './facts.js'

/** Border of the feature: what people and programs may say about a server, and what they are told. */

/** Blanks around it are a slip; anything else that cannot be seen is refused, not taken away. */
const Line = z
  .string()
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'Line breaks and control characters cannot be in here')
  .trim()

const Name = Line.min(1, 'Give the server a name').max(60, 'A name has at most 60 characters')

/** A host name (RFC 1123) or an IP address; it starts with a letter or digit, so it is never read as an option. */
const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
const isNumeric = /^[\d.]+$/

const Address = Line.transform((text) => text.replace(/^\[(.*)\]$/, '$1')).refine(
  (text) => (isIP(text) !== 0 && !text.includes('%')) || (hostName.test(text) && !isNumeric.test(text)),
  'Give a host name or an IP address, such as web-1.example.com or 203.0.113.7',
)

const User = Line.regex(
  /^[A-Za-z_][A-Za-z0-9._-]{0,31}$/,
  'Give the name of a user on that server, such as root or deploy',
)

const Root = Line.max(200, 'A folder has at most 200 characters').regex(
  /^(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)+$/,
  'Give a folder such as /var/lib/hostler',
)

const PrivateKey = z.string().max(20_000, 'A private key has at most 20,000 characters')

const port = integer(1, 65_535)
const KeySource = z.enum(['generate', 'paste'], 'Choose where the key comes from')

const Local = z.strictObject({ kind: z.literal('local'), name: optional(Name) })

const Ssh = z.strictObject({
  kind: z.literal('ssh'),
  name: Name,
  address: Address,
  port: z.preprocess((value) => value ?? 22, port),
  user: User,
  key: KeySource,
  privateKey: optional(PrivateKey),
  root: optional(Root),
})

/** Whether a field is missing in a form depends on the kind, so a form sends the kind too. */
export const NewServer = z.discriminatedUnion('kind', [Ssh, Local])
export type NewServer = z.output<typeof NewServer>

/** What is left out stays. */
export const ServerChanges = z.strictObject({
  name: Name.optional(),
  address: Address.optional(),
  port: port.optional(),
  user: User.optional(),
  key: z.enum(['keep', 'generate', 'paste']).default('keep'),
  privateKey: optional(PrivateKey),
})
export type ServerChanges = z.output<typeof ServerChanges>

export const AcceptedKey = z.strictObject({
  fingerprint: z
    .string()
    .max(100)
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'Give the fingerprint, as it is shown'),
})

/** Typed by the person who removes it. */
export const Removal = z.strictObject({ confirm: z.string().max(200) })

const choices = {
  runtime: z.enum(['process', 'docker'], 'Choose how sites run'),
  edge: z.enum(['direct', 'caddy'], 'Choose what faces visitors'),
}
export const RemovedServer = z.object({ removed: z.object({ id: z.uuid(), slug: z.string() }) })

export const Preparation = z.strictObject(choices)
/** What is not chosen is as it was. */
export const PreviewQuery = z.object({ runtime: choices.runtime.optional(), edge: choices.edge.optional() })
export type Preparation = z.output<typeof Preparation>

export const ServerListQuery = pageQuery

export const ReadingsQuery = z.object({ hours: z.coerce.number().int().min(1).max(168).default(6) })

const Reading = z.object({
  at: timestamp(),
  cpuPercent: z.number(),
  memoryUsedBytes: z.number(),
  memoryTotalBytes: z.number(),
  diskUsedBytes: z.number(),
  diskTotalBytes: z.number(),
  load: z.number(),
})

/** An allow-list: the private key is in no answer (SH-04). */
export const ServerOutput = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  kind: z.enum(['ssh', 'local']),
  address: z.string().nullable(),
  port: z.number().nullable(),
  user: z.string().nullable(),
  root: z.string(),
  publicKey: z.string().nullable(),
  hostKeyFingerprint: z.string().nullable(),
  hostKeyChangedTo: z.string().nullable(),
  runtime: z.enum(['docker', 'process']).nullable(),
  edge: z.enum(['caddy', 'direct']).nullable(),
  status: z.enum(['new', 'preparing', 'ready', 'unreachable']),
  statusMessage: z.string().nullable(),
  checklist: z.array(CheckItem),
  facts: Facts.nullable(),
  checkedAt: timestamp().nullable(),
  seenAt: timestamp().nullable(),
  createdAt: timestamp(),
})

export const ServerAnswer = z.object({ server: ServerOutput })
export const ReadingsAnswer = z.object({ readings: z.array(Reading) })
export const PreviewAnswer = z.object({
  steps: z.array(z.string()),
  packages: z.array(z.string()),
  why: z.string().nullable(),
})
export const StartedOperation = z.object({ operation: z.object({ id: z.uuid() }) })
