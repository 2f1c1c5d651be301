import type { Request, Response } from 'express'
import { readBody } from './body.js'
import { allowedMethods, type Door } from './doors.js'
import { MethodRefused } from './fault.js'
import { originOfProgram } from './origin.js'
import type { HttpParts } from './parts.js'
import { readParams, readQuery } from './query.js'
import { stateOf } from './request-state.js'
import type { Method, Route } from './route.js'
import { sendReply } from './send-reply.js'

/** A change that was begun is made: a directory that hung up asks again, and finds it made. */
const never = new AbortController().signal

/**
 * One request of a directory (SCIM), in this order: 1 which directory, by its token, 2 find the route, 3 read the body
 * (bounded), 4 handle, 5 answer. No cookie is looked at, so there is nothing that a page elsewhere could borrow.
 */
export async function serveScim(door: Door, parts: HttpParts, req: Request, res: Response): Promise<void> {
  const state = stateOf(req)
  state.face = door.face
  state.route = door.path
  const params = readParams(req.params)
  const ctx = await parts.authorizer.directoryCtx(req, params.directory ?? '')
  state.ctx = ctx
  const route = chooseRoute(door, req.method)
  const { values } = await readBody(req, res, door.face)
  const reply = await route.handle({
    ctx,
    params,
    query: readQuery(req.originalUrl, route.options.query),
    input: values,
    origin: originOfProgram(req),
    signal: never,
  })
  return sendReply(parts, req, res, route, reply)
}

function chooseRoute(door: Door, method: string): Route {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
  const route = Object.hasOwn(door.routes, asked) ? door.routes[asked as Method] : undefined // `as`: it is a key of routes
  if (!route) throw new MethodRefused(allowedMethods(door).join(', '))
  return route
}
