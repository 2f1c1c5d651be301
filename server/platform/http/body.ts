import express, { type Request, type Response } from 'express'
import { UserError } from '../errors.js'
import { refuseDeepJson } from './deep-json.js'
import type { Face } from './doors.js'

/** What a request carried, still unchecked: plain values by name, and the raw bytes for a fingerprint. */
export interface Body {
  readonly kind: 'none' | 'form' | 'json'
  readonly values: unknown
  readonly bytes: Buffer
}

const mostFields = 1000
/** 1 MB: a pasted `.env` of 1,000 long lines fits eight times. Inflated bytes count, so a gzip bomb stops here too. */
const readBytes = express.raw({ type: () => true, limit: '1mb' })

/** What each takes. Of SCIM's two names for JSON some clients know only the common one (RFC 7644, 3.1). */
const types = {
  page: ['application/x-www-form-urlencoded'],
  api: ['application/json'],
  scim: ['application/scim+json', 'application/json'],
} as const satisfies Record<Face, readonly string[]>

/**
 * Reads a form (pages) or JSON (API, SCIM). Throws 413 when too large, 415 for any other type, 400 for what cannot be read.
 * A browser can be tricked into sending a form or plain text across sites but not JSON, so the API takes JSON only.
 */
export async function readBody(req: Request, res: Response, face: Face): Promise<Body> {
  await new Promise<void>((resolve, reject) => {
    readBytes(req, res, (error?: unknown) => (error ? reject(error) : resolve()))
  })
  const bytes: Buffer = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
  if (bytes.length === 0) return { kind: 'none', values: {}, bytes }

  const wanted: readonly string[] = types[face]
  const type = (req.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!wanted.includes(type))
    throw new UserError(415, `This address takes ${wanted[0]} only`, `Send Content-Type: ${wanted[0]}`)
  const text = readUtf8(bytes)
  return face === 'page'
    ? { kind: 'form', values: parseForm(text), bytes }
    : { kind: 'json', values: parseJson(text), bytes }
}

/** Names that come once are texts, names that come again are lists; a schema decides which it wants. */
export function parseForm(text: string): Record<string, string | string[]> {
  if (text.split('&', mostFields + 1).length > mostFields) throw new UserError(413, 'The form has too many fields')
  const found = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (name.includes('\0') || value.includes('\0')) throw unreadable()
    found.set(name, [...(found.get(name) ?? []), value])
  }
  // fromEntries defines own properties: a field called __proto__ is only a field.
  return Object.fromEntries([...found].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? '') : all]))
}

function parseJson(text: string): unknown {
  refuseDeepJson(text)
  // Postgres cannot store NUL in a text, so it would fail later and worse.
  if (text.includes('\\u0000')) throw unreadable()
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UserError(400, 'The body is not valid JSON', cause instanceof Error ? cause.message : undefined, {
      cause,
    })
  }
}

function readUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new UserError(400, 'The body is not valid UTF-8', undefined, { cause })
  }
}

const unreadable = () => new UserError(400, 'The request holds characters that cannot be stored')
