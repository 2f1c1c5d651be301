import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Identity } from '../access/authorizer.js'
import type { TeamCtx, VisitorCtx } from '../access/ctx.js'
import type { Face } from './doors.js'

/** What is found out about a request while it is served; read by the log line, the error page and the layout. */
export interface RequestState {
  readonly id: string
  readonly nonce: string
  face: Face
  /** The pattern, never the URL: URLs may bear names. */
  route: string | undefined
  /** The slug that the address names. */
  team: string | undefined
  identity: Identity | undefined
  ctx: VisitorCtx | TeamCtx | undefined
}

const states = new WeakMap<IncomingMessage, RequestState>()

/** The same object for the same request, made on first use. */
export function stateOf(req: IncomingMessage): RequestState {
  const known = states.get(req)
  if (known) return known
  const state: RequestState = {
    id: randomUUID(),
    nonce: randomUUID().replaceAll('-', ''),
    face: faceOf(req.url ?? ''),
    route: undefined,
    team: undefined,
    identity: undefined,
    ctx: undefined,
  }
  states.set(req, state)
  return state
}

/** Until a route was found, and where there is none. */
function faceOf(url: string): Face {
  if (url.startsWith('/api/')) return 'api'
  return url.startsWith('/scim/') ? 'scim' : 'page'
}
