import { isIP } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { UserError } from './platform/errors.js'
import {
  type MailAddress,
  type MailServer,
  type MailSettings,
  readMailAddress,
  readMailServer,
} from './platform/mail/settings.js'
import { type Allowances, parseAllowances } from './platform/outbound/allowances.js'
import { Secret } from './platform/secret.js'
import type { AcmeSettings, ExternalAccount, SignInClient } from './platform/services.js'

/** The only reader of the environment. Everything else is handed what it needs. */

const emptyIsAbsent = (value: unknown): unknown => (value === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(emptyIsAbsent, schema.optional())

/** Texts that stand in examples; whoever starts with one of them has not chosen a secret. */
const exampleSecret = /change.?me|default|example|hostler|password|secret|(.)\1{7}/i

const secretKey = z
  .string()
  .min(32, 'must have at least 32 characters (try: openssl rand -base64 48)')
  .refine((text) => !exampleSecret.test(text), 'looks like an example; make one of your own: openssl rand -base64 48')

const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )

/** What is read by a function that throws an Error with the reason. */
const read = <T>(reader: (text: string) => T) =>
  z.string().transform((text, context): T => {
    try {
      return reader(text)
    } catch (error) {
      context.addIssue((error as Error).message) // `as`: it throws nothing else
      return z.NEVER
    }
  })

const environment = z.object({
  HOSTLER_DATA: z.preprocess(emptyIsAbsent, z.string().default('./data')),
  HOSTLER_BIND: z.preprocess(
    emptyIsAbsent,
    z
      .string()
      .refine((text) => isIP(text) !== 0, 'must be an IP address of this machine')
      .optional(),
  ),
  PORT: z.preprocess(emptyIsAbsent, z.coerce.number('must be a number').int().min(0).max(65_535).default(3000)),
  HOSTLER_URL: optional(url('http:', 'https:')),
  DATABASE_URL: optional(
    url('postgres:', 'postgresql:').refine(
      (text) => !hasWeakPassword(text),
      'has no password, or one that everybody tries first',
    ),
  ),
  REDIS_URL: optional(url('redis:', 'rediss:')),
  HOSTLER_SECRET_KEY: optional(secretKey),
  HOSTLER_SECRET_KEY_PREVIOUS: optional(secretKey),
  HOSTLER_GIT_PROTOCOLS: z.preprocess(
    emptyIsAbsent,
    z
      .string()
      .regex(/^(https|ssh|http)(:(https|ssh|http))*$/, 'lists https, ssh and http, with colons between')
      .default('https:ssh'),
  ),
  HOSTLER_RESOLVERS: z.preprocess(
    emptyIsAbsent,
    z
      .string()
      .transform((text) => text.split(',').map((one) => one.trim()))
      .refine(
        (list) => list.every(isResolver),
        'lists addresses such as 9.9.9.9 or [2620:fe::fe]:53, with commas between',
      )
      .default([]),
  ),
  HOSTLER_ACME_URL: optional(url('https:')),
  HOSTLER_ACME_EMAIL: optional(z.email('must be a mail address')),
  HOSTLER_ACME_ROOT: optional(z.string()),
  HOSTLER_ACME_EAB_KEY_ID: optional(z.string().trim()),
  HOSTLER_ACME_EAB_KEY: optional(
    z
      .string()
      .trim()
      .regex(/^[\w+/-]{20,}={0,2}$/, 'must be the key as base64, as the CA gives it')
      .transform((text) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')),
  ),
  HOSTLER_SMTP_URL: optional(read(readMailServer)),
  HOSTLER_GITHUB_CLIENT_ID: optional(z.string()),
  HOSTLER_GITHUB_CLIENT_SECRET: optional(z.string()),
  HOSTLER_GITHUB_URL: optional(url('https:')),
  HOSTLER_GOOGLE_CLIENT_ID: optional(z.string()),
  HOSTLER_GOOGLE_CLIENT_SECRET: optional(z.string()),
  HOSTLER_MAIL_FROM: optional(read(readMailAddress)),
  HOSTLER_ANCHOR_FOLDER: optional(z.string()),
  HOSTLER_ANCHOR_EMAIL: optional(z.email('must be a mail address')),
  HOSTLER_OUTBOUND_ALLOW: z.string().default('').transform(readAllowances),
  HOSTLER_TRUSTED_PROXIES: z.preprocess(
    emptyIsAbsent,
    z.coerce.number('must be the number of proxies in front').int().min(0).max(9).default(0),
  ),
  HOSTLER_LEASE_SECONDS: z.preprocess(
    emptyIsAbsent,
    z.coerce.number('must be a number').int().min(3, 'must be 3 or more').max(600).default(30),
  ),
  HOSTLER_TEAM_OPERATIONS: z.preprocess(
    emptyIsAbsent,
    z.coerce.number('must be a number').int().min(1, 'must be 1 or more').max(1000).default(1000),
  ),
  HOSTLER_IN_CONTAINER: z.preprocess(emptyIsAbsent, z.enum(['yes', 'no']).default('no')),
  HOSTLER_LOG_LEVEL: z.preprocess(
    emptyIsAbsent,
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ),
  NODE_ENV: z.preprocess(emptyIsAbsent, z.string().default('production')),
})

export type GitProtocol = 'https' | 'ssh' | 'http'

export interface Config {
  dataFolder: string
  port: number
  /** The only address of this machine that it listens on; null: all. */
  bind: string | null
  /** Every link is built from it. */
  baseUrl: URL
  /** Null: the embedded PostgreSQL in the data folder. */
  databaseUrl: Secret | null
  /** Null: the queue is kept in PostgreSQL. */
  redisUrl: Secret | null
  /** Null: a key file in the data folder, made at the first start. */
  secretKey: Secret | null
  previousSecretKey: Secret | null
  gitProtocols: readonly GitProtocol[]
  /** Empty: whom the machine asks. */
  resolvers: readonly string[]
  acme: Required<AcmeSettings>
  /** Null: this panel sends no mail. */
  mail: MailSettings | null
  /** Where anchors of the event log go once a day. */
  anchors: { folder: string | null; email: string | null }
  /** What requests to addresses that users gave may reach although it is not on the internet. */
  outboundAllow: Allowances
  signInProviders: Partial<Record<'github' | 'google', SignInClient>>
  trustedProxies: number
  /** How long nothing may be heard of a worker before others take over what it was doing. */
  leaseSeconds: number
  /** One team has no more operations running at once, however large its share of the places is. */
  teamOperations: number
  /** The image says so. What runs there has no machine to offer. */
  isInContainer: boolean
  logLevel: string
  isProduction: boolean
}

/** @throws UserError that lists every fault at once */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { data, error } = environment.superRefine(checkExternalAccount).superRefine(checkMail).safeParse(env)
  if (error) {
    const faults = error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
    throw new UserError(
      500,
      `The configuration is not right:\n${faults.join('\n')}`,
      'See docs/installing.md for every setting',
    )
  }

  return Object.freeze({
    dataFolder: path.resolve(data.HOSTLER_DATA),
    port: data.PORT,
    bind: data.HOSTLER_BIND ?? null,
    baseUrl: new URL(data.HOSTLER_URL ?? `http://localhost:${data.PORT}`),
    databaseUrl: secretOrNull(data.DATABASE_URL),
    redisUrl: secretOrNull(data.REDIS_URL),
    secretKey: secretOrNull(data.HOSTLER_SECRET_KEY),
    previousSecretKey: secretOrNull(data.HOSTLER_SECRET_KEY_PREVIOUS),
    // The schema above lets nothing else through.
    gitProtocols: data.HOSTLER_GIT_PROTOCOLS.split(':') as GitProtocol[],
    resolvers: data.HOSTLER_RESOLVERS,
    acme: {
      url: data.HOSTLER_ACME_URL === undefined ? null : new URL(data.HOSTLER_ACME_URL),
      email: data.HOSTLER_ACME_EMAIL ?? null,
      rootFile: data.HOSTLER_ACME_ROOT === undefined ? null : path.resolve(data.HOSTLER_ACME_ROOT),
      externalAccount: externalAccountOf(data.HOSTLER_ACME_EAB_KEY_ID, data.HOSTLER_ACME_EAB_KEY),
    },
    signInProviders: {
      ...clientOf('github', data.HOSTLER_GITHUB_CLIENT_ID, data.HOSTLER_GITHUB_CLIENT_SECRET, data.HOSTLER_GITHUB_URL),
      ...clientOf('google', data.HOSTLER_GOOGLE_CLIENT_ID, data.HOSTLER_GOOGLE_CLIENT_SECRET),
    },
    mail: mailOf(data.HOSTLER_SMTP_URL, data.HOSTLER_MAIL_FROM),
    anchors: {
      folder: data.HOSTLER_ANCHOR_FOLDER === undefined ? null : path.resolve(data.HOSTLER_ANCHOR_FOLDER),
      email: data.HOSTLER_ANCHOR_EMAIL ?? null,
    },
    outboundAllow: data.HOSTLER_OUTBOUND_ALLOW,
    trustedProxies: data.HOSTLER_TRUSTED_PROXIES,
    leaseSeconds: data.HOSTLER_LEASE_SECONDS,
    teamOperations: data.HOSTLER_TEAM_OPERATIONS,
    isInContainer: data.HOSTLER_IN_CONTAINER === 'yes',
    logLevel: data.HOSTLER_LOG_LEVEL,
    isProduction: data.NODE_ENV === 'production',
  })
}

function readAllowances(text: string, context: z.RefinementCtx): Allowances {
  try {
    return parseAllowances(text)
  } catch (error) {
    context.addIssue(`lists hosts and networks, with commas between: ${(error as Error).message}`) // `as`: it throws nothing else
    return z.NEVER
  }
}

const externalAccountOf = (keyId: string | undefined, key: string | undefined): ExternalAccount | null =>
  keyId === undefined || key === undefined ? null : { keyId, key: new Secret(key) }

/** The two belong together, and to a CA that is named. */
function checkExternalAccount(given: Record<string, unknown>, context: z.RefinementCtx): void {
  const [id, key, url] = ['HOSTLER_ACME_EAB_KEY_ID', 'HOSTLER_ACME_EAB_KEY', 'HOSTLER_ACME_URL'] as const
  if (given[id] === undefined && given[key] === undefined) return
  for (const name of [id, key, url])
    if (given[name] === undefined)
      context.addIssue({ code: 'custom', path: [name], message: 'has to be set, too: an account at a CA is all three' })
}

const mailOf = (server: MailServer | undefined, from: MailAddress | undefined): MailSettings | null =>
  server === undefined || from === undefined ? null : { server, from }

/** Servers refuse mail from nobody, and from an address that was made up. */
function checkMail(given: Record<string, unknown>, context: z.RefinementCtx): void {
  const [url, from] = ['HOSTLER_SMTP_URL', 'HOSTLER_MAIL_FROM'] as const
  for (const [name, other] of [
    [url, from],
    [from, url],
  ] as const)
    if (given[name] === undefined && given[other] !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: `has to be set, too: ${other} is` })
}

const addresses = { github: 'https://github.com', google: 'https://accounts.google.com' } as const

/** Both halves, or nobody signs in by it. */
const clientOf = (name: 'github' | 'google', clientId?: string, secret?: string, address?: string) =>
  clientId === undefined || secret === undefined
    ? {}
    : {
        [name]: {
          clientId,
          clientSecret: new Secret(secret),
          address: (address ?? addresses[name]).replace(/\/$/, ''),
        },
      }

const secretOrNull = (text: string | undefined): Secret | null => (text === undefined ? null : new Secret(text))

/** An address, with or without a port, as Node takes it. */
function isResolver(text: string): boolean {
  const [, inBrackets, plain = text, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  return isIP(inBrackets ?? plain) !== 0 && Number(port ?? 53) > 0 && Number(port ?? 53) < 65_536
}

/** Local sockets may go without; over the network a guessed password is an open database. */
function hasWeakPassword(text: string): boolean {
  const { password, hostname } = new URL(text)
  if (hostname === '') return false
  return ['', 'postgres', 'password', 'hostler', 'secret', 'admin', 'changeme', '123456'].includes(
    decodeURIComponent(password),
  )
}
