import { randomInt } from 'node:crypto'
import type { z } from 'zod'
import { AddressUnverified, FactorNeeded, FactorRequired, SignInNeeded } from '../access/authorizer.js'
import { FieldError, UserError } from '../errors.js'
import { QuotaSpent } from '../quotas/quotas.js'
import { explain } from '../ssh/explain.js'
import { RemoteCommandError } from '../ssh/remote-command-error.js'
import { wordsFor } from './field-words.js'

const mostLines = 20

/** What went wrong, in words for the person who asked. Only a bug has a reference, and only a bug hides its message. */
export interface Fault {
  readonly status: number
  readonly message: string
  readonly hint: string | undefined
  readonly errors: readonly { readonly field: string; readonly message: string }[]
  /** The last lines that a remote command said. */
  readonly lines: readonly string[]
  /** Needs a second factor first: pages lead to where one is set up. */
  readonly needsFactor: boolean
  readonly kind: 'refused' | 'sign-in' | 'factor' | 'unverified' | 'remote' | 'bug'
  readonly reference: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Input that its schema refused. Thrown by `mount` alone. */
export class InputRefused extends UserError {
  readonly errors: Fault['errors']

  constructor(error: z.ZodError) {
    super(422, 'Some of this cannot be accepted', 'See beside the fields what has to change.')
    this.name = 'InputRefused'
    this.errors = error.issues.map(wordsFor)
  }
}

/** The one translator: every error becomes something that may be shown. Knows nothing of pages or JSON. */
export function translate(error: unknown): Fault {
  if (error instanceof UserError) return refusal(error)
  if (error instanceof RemoteCommandError) {
    return { ...plain, ...explain(error), status: 502, kind: 'remote', lines: error.lastLines.slice(-mostLines) }
  }
  if (isDatabaseAway(error)) {
    return {
      ...plain,
      status: 503,
      kind: 'bug',
      message: 'Hostler cannot reach its database right now',
      hint: 'Nothing was changed. Try again in a few seconds.',
      reference: newReference(),
      headers: { 'Retry-After': '5' },
    }
  }
  const status = statusOfParser(error)
  if (status !== null) return { ...plain, status, message: parserSentence[status] ?? 'The request cannot be read' }
  return {
    ...plain,
    status: 500,
    kind: 'bug',
    message: 'Something went wrong',
    hint: 'It has been logged. If it stays, tell whoever runs this panel the reference.',
    reference: newReference(),
  }
}

const plain: Omit<Fault, 'status' | 'message'> = {
  hint: undefined,
  errors: [],
  lines: [],
  needsFactor: false,
  kind: 'refused',
  reference: undefined,
  headers: {},
}

function refusal(error: UserError): Fault {
  const errors =
    error instanceof InputRefused
      ? error.errors
      : error instanceof FieldError
        ? [{ field: error.field, message: error.message }]
        : []
  return {
    ...plain,
    status: error.status,
    kind: kindOf(error),
    message: error.message,
    hint: error.hint,
    needsFactor: error instanceof FactorRequired,
    errors,
    headers: {
      ...(error instanceof MethodRefused && { Allow: error.allowed }),
      ...(error instanceof QuotaSpent && { 'Retry-After': String(error.retryAfterSeconds) }),
      ...(error.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    },
  }
}

function kindOf(error: UserError): Fault['kind'] {
  if (error instanceof AddressUnverified) return 'unverified'
  if (error instanceof FactorNeeded) return 'factor'
  return error instanceof SignInNeeded ? 'sign-in' : 'refused'
}

/** The path is known, the method is not. */
export class MethodRefused extends UserError {
  readonly allowed: string

  constructor(allowed: string) {
    super(405, 'This address does not take that', `It takes ${allowed}.`)
    this.name = 'MethodRefused'
    this.allowed = allowed
  }
}

/** Express and its body parser mark what a caller did wrong with a status; their own words are not for people. */
function statusOfParser(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null
  return error.status >= 400 && error.status < 500 ? error.status : null
}

const parserSentence: Readonly<Record<number, string>> = {
  400: 'The address or the body cannot be read',
  413: 'That is more than one request may carry',
  415: 'The body comes in an encoding that is not understood',
}

/** Postgres is stopping, starting, full or not there (classes 57P, 08, 53), or the pool lost a connection or had none to give. */
function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (/^(timeout exceeded when trying to connect$|Connection terminated)/.test(error.message)) return true
  const code = 'code' in error ? String(error.code) : ''
  if (/^(57P0[123]|08\d{3}|53300)$/.test(code)) return true
  return code === 'ECONNREFUSED' && /postgres|pg-pool|pg\/lib/.test(error.stack ?? '')
}

/** Five characters to read out on the telephone: no 0 and O, no 1 and I. */
function newReference(): string {
  const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('')
}
