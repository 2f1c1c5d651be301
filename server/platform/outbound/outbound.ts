import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { Agent, Dispatcher } from 'undici'
import { Secret } from '../secret.js'
import { type Allowances, allowing } from './allowances.js'
import { readBody } from './body.js'
import { OutboundFault, unreachable } from './fault.js'
import { checkedLookup } from './lookup.js'
import { hostOf, parseTarget } from './target.js'
import { parseTlsTarget, sendByTls, type TlsQuestion } from './tls.js'

/**
 * HTTP to addresses that users gave, and the only way to them: nothing that is not on the internet unless the operator
 * allows it, connected to the very address that was checked, no redirects, and bounds for time and size.
 */
export interface Outbound {
  /** @throws OutboundFault with a sentence for the field where the address came from */
  check(address: string): URL
  /** Any answer is an answer, a redirect too; it is not followed. Throws `OutboundFault` where none came. */
  send(question: OutboundRequest): Promise<OutboundAnswer>
  /** The same for a host and a port, as `checkTls` lets through. Throws `OutboundFault` unless the other side took all of it. */
  sendByTls(question: TlsQuestion): Promise<void>
  /** @throws OutboundFault with a sentence for the field */
  checkTls(address: string): void
  close(): Promise<void>
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** Secrets are revealed here, and only to the host of the URL. */
  readonly headers?: Readonly<Record<string, string | Secret>>
  readonly body?: string
  readonly signal?: AbortSignal
  /**
   * An address that was found good already by who asks: it may be that of the URL although it is not on the internet, and without HTTPS.
   * Whose name is asked for there is said by a `host` header.
   */
  readonly allow?: string
  /** Whom to believe besides whom everybody believes, as PEM: a company's own. */
  readonly ca?: string | null
}

export interface OutboundAnswer {
  readonly status: number
  header(name: string): string | undefined
  /** At most 1 MB. It is the other side's text: parse it, never show it. */
  readonly body: string
}

/** Loaded by the first question: it takes 0.15 s, and many processes ask nobody. */
const library = () => import('undici')

const connectMs = 5000
const longestHeaderBytes = 32 * 1024

export interface OutboundOptions {
  readonly allowances: Allowances
  /** For tests: other answers than the system's resolver gives, and less patience. */
  readonly lookup?: LookupFunction
  readonly deadlineMs?: number
}

export function createOutbound({ allowances, lookup, deadlineMs = 10_000 }: OutboundOptions): Outbound {
  // The check is in the lookup of the connection itself, so there is no moment between checking and connecting.
  const connecting = {
    lookup: checkedLookup(lookup ?? (systemLookup as LookupFunction), allowances),
    timeout: connectMs,
  }
  const others = { maxHeaderSize: longestHeaderBytes, connections: 8 }
  const newAgent = async (ca?: string): Promise<Agent> => {
    const { Agent } = await library()
    return new Agent({
      ...others,
      connect: { ...connecting, ...(ca === undefined ? {} : { ca: [ca, ...rootCertificates] }) },
    })
  }
  let shared: Promise<Agent> | undefined

  async function sendShared(question: OutboundRequest, url: URL): Promise<OutboundAnswer> {
    // Where it cannot be made now it can be later.
    shared ??= newAgent().catch((error: unknown) => {
      shared = undefined
      throw error
    })
    return send(question, url, await shared, deadlineMs)
  }

  /** A connection is used again for what believes the same alone, so that of a company's own ends with the answer. */
  async function sendBelieving(ca: string, question: OutboundRequest, url: URL): Promise<OutboundAnswer> {
    const own = await newAgent(ca)
    try {
      return await send(question, url, own, deadlineMs)
    } finally {
      await own.destroy()
    }
  }

  return {
    check: (address) => parseTarget(address, allowances),
    send: (question) => {
      const url = parseTarget(question.url, allowing(question.allow, allowances))
      return question.ca ? sendBelieving(question.ca, question, url) : sendShared(question, url)
    },
    sendByTls: (question) => sendByTls(question, allowances, lookup ?? (systemLookup as LookupFunction), deadlineMs),
    checkTls: (address) => void parseTlsTarget(address, allowances),
    close: async () => (await shared)?.destroy(),
  }
}

async function send(
  { method, headers = {}, body, signal }: OutboundRequest,
  url: URL,
  dispatcher: Dispatcher,
  deadlineMs: number,
): Promise<OutboundAnswer> {
  const { request } = await library()
  const deadline = AbortSignal.timeout(deadlineMs)
  const until = signal ? AbortSignal.any([signal, deadline]) : deadline
  try {
    const answer = await request(url, {
      method,
      dispatcher,
      signal: until,
      // Unpacked, a small answer can be a huge one.
      headers: { 'user-agent': 'Hostler', 'accept-encoding': 'identity', ...revealed(headers) },
      ...(body === undefined ? {} : { body }),
    })
    const text = await readBody(hostOf(url), answer)
    return { status: answer.statusCode, header: (name) => single(answer.headers[name.toLowerCase()]), body: text }
  } catch (error) {
    signal?.throwIfAborted()
    throw faultOf(hostOf(url), error, deadline.aborted, deadlineMs)
  }
}

const revealed = (headers: NonNullable<OutboundRequest['headers']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  )

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** The library's own error may hold what was sent, so only its code goes on. */
function faultOf(host: string, error: unknown, isLate: boolean, deadlineMs: number): OutboundFault {
  if (error instanceof OutboundFault) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (isLate || code === 'UND_ERR_CONNECT_TIMEOUT')
    return new OutboundFault('too-slow', `${host} did not answer within ${Math.round(deadlineMs / 1000)} seconds`)
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new OutboundFault('too-long', `${host} answered with more headers than are read`)
  return unreachable(host, error)
}
