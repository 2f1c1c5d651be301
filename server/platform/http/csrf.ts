import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import type { Identity } from '../access/authorizer.js'
import { UserError } from '../errors.js'
import type { Body } from './body.js'
import { cookieLine, readCookie } from './cookies.js'

/**
 * Two locks against a page elsewhere that makes a browser act for its owner. First what the browser itself says of
 * where the request comes from (`Sec-Fetch-Site`, `Origin`), then a token that only our own pages know.
 * An API key is not sent by browsers on their own, so its calls need neither.
 */
export const tokenField = '_csrf'
export const tokenHeader = 'x-csrf-token'
const visitorCookie = 'visitor'

/** What comes from nowhere that it should come from: an old form, or a page elsewhere that acts for its reader. */
export class RequestForged extends UserError {
  readonly why: 'other-site' | 'other-origin' | 'no-token'

  constructor(why: RequestForged['why'], message: string, hint?: string) {
    super(403, message, hint)
    this.name = 'RequestForged'
    this.why = why
  }
}

/** Throws 403 for a change that another site asks for. Cheap, so it comes before anything is read. */
export function refuseOtherSites(req: IncomingMessage, identity: Identity, baseUrl: URL): void {
  if (identity.kind === 'api-key' || isSafe(req.method)) return
  const site = req.headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') {
    throw new RequestForged('other-site', 'This request came from another site')
  }
  const origin = req.headers.origin
  if (origin !== undefined && origin !== baseUrl.origin) {
    throw new RequestForged(
      'other-origin',
      'This page was opened at an address that Hostler does not know as its own',
      `Open ${baseUrl.origin}, or set HOSTLER_URL to the address you use.`,
    )
  }
}

/** Throws 403 unless the request bears the token of its own session (or, before sign-in, of its own browser). */
export function checkToken(req: IncomingMessage, body: Body, identity: Identity, key: Buffer, baseUrl: URL): void {
  if (identity.kind === 'api-key' || isSafe(req.method)) return
  const expected = 'csrfToken' in identity ? identity.csrfToken : visitorToken(req, key, baseUrl)
  const given = req.headers[tokenHeader] ?? fieldOf(body)
  if (expected === undefined || typeof given !== 'string' || !isSame(given, expected)) {
    throw new RequestForged('no-token', 'This form is out of date', 'Go back, reload the page and send it again.')
  }
}

/** The token for the page that is being made. A visitor gets a cookie that the token is bound to. */
export function tokenFor(req: IncomingMessage, res: Response, identity: Identity, key: Buffer, baseUrl: URL): string {
  if ('csrfToken' in identity) return identity.csrfToken
  if (identity.kind === 'api-key') return ''
  const known = visitorToken(req, key, baseUrl)
  if (known !== undefined) return known
  const id = randomBytes(18).toString('base64url')
  res.append('Set-Cookie', cookieLine({ name: visitorCookie, value: id, sameSite: 'Strict' }, baseUrl))
  return sign(id, key)
}

function visitorToken(req: IncomingMessage, key: Buffer, baseUrl: URL): string | undefined {
  const id = readCookie(req, visitorCookie, baseUrl)
  return id === undefined || id.length !== 24 ? undefined : sign(id, key)
}

const sign = (id: string, key: Buffer) => createHmac('sha256', key).update(`visitor:${id}`).digest('base64url')

function fieldOf(body: Body): unknown {
  if (body.kind !== 'form') return undefined
  return (body.values as Record<string, unknown>)[tokenField] // `as`: parseForm made it
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b)
}

const isSafe = (method: string | undefined) => method === 'GET' || method === 'HEAD'
