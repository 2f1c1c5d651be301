import type { Response } from 'express'
import { camelKeys } from './camel.js'
import type { Fault } from './fault.js'
import type { Reply } from './reply.js'
import type { Route } from './route.js'

/** An answer to an API client as plain data, so that it can be kept and given again. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export const apiPrefix = '/api/v1'

/**
 * The API's face of a page or a redirect. `output` picks what may leave: a column that a query began to select does not
 * reach clients until the schema names it.
 */
export function apiAnswer(
  route: Route,
  reply: Extract<Reply, { kind: 'page' | 'fragment' | 'go' | 'nothing' }>,
): ApiAnswer {
  if (reply.kind === 'nothing') return { status: 204, headers: {}, body: undefined }
  const body = reply.data === undefined ? undefined : camelKeys(route.options.output?.parse(reply.data))
  if (reply.kind !== 'go') return { status: reply.kind === 'page' ? reply.status : 200, headers: {}, body }
  const headers = { Location: apiPrefix + reply.url }
  if (reply.isStarted) return { status: 202, headers, body }
  if (body === undefined) return { status: 204, headers: {}, body }
  return route.method === 'post' ? { status: 201, headers, body } : { status: 200, headers: {}, body }
}

export function sendApiAnswer(res: Response, answer: ApiAnswer): void {
  res.status(answer.status).set(answer.headers)
  if (answer.body === undefined) res.end()
  else res.type('application/json').send(JSON.stringify(answer.body))
}

/** RFC 9457. */
export function sendProblem(res: Response, fault: Fault): void {
  const problem = {
    type: 'about:blank',
    title: fault.message,
    status: fault.status,
    ...(fault.hint !== undefined && { detail: fault.hint }),
    ...(fault.errors.length > 0 && { errors: fault.errors }),
    ...(fault.lines.length > 0 && { lines: fault.lines }),
    ...(fault.reference !== undefined && { reference: fault.reference }),
  }
  res.status(fault.status).set(fault.headers).type('application/problem+json').send(JSON.stringify(problem))
}
