import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { plainAddress } from '../../../../platform/net.js'
import { checkName } from '../../edge.js'
import { isForgeable } from '../../forwarded.js'

/**
 * Makes a visitor's request fit to pass on: who is calling is said by us, and what concerned only our connection is gone.
 * Says no to a request without a path.
 */
export function prepareRequest(request: IncomingMessage): boolean {
  const { headers, socket } = request
  for (const name of Object.keys(headers)) if (isForgeable(name)) delete headers[name]
  // Our server has said "100 Continue" by itself already.
  for (const name of ['expect', 'keep-alive', 'proxy-connection', 'te']) delete headers[name]
  if (headers.upgrade === undefined) delete headers.connection
  headers['x-forwarded-for'] = plainAddress(socket.remoteAddress ?? '')
  headers['x-forwarded-proto'] = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  if (headers.host !== undefined) headers['x-forwarded-host'] = headers.host
  const path = pathOf(request.url ?? '')
  if (path !== null) request.url = path
  return path !== null
}

/** `GET http://somewhere/path` names the host twice; only the path goes on. */
function pathOf(url: string): string | null {
  if (url.startsWith('/')) return url
  const parsed = URL.canParse(url) ? new URL(url) : null
  return parsed?.protocol === 'http:' ? `${parsed.pathname}${parsed.search}` : null
}

export const isEdgeCheck = (request: IncomingMessage): boolean =>
  request.headers.host === checkName && /^(?:127\.|::1$)/.test(plainAddress(request.socket.remoteAddress ?? ''))

/** `Connection` and `Keep-Alive` of the answer speak of the connection to the application, not of ours to the visitor. */
export function tidyAnswer(answer: IncomingMessage, mayStayOpen: boolean): void {
  delete answer.headers['keep-alive']
  answer.headers.connection = mayStayOpen ? 'keep-alive' : 'close'
}
