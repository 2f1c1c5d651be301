import type { Express, RequestHandler } from 'express'
import { type Door, doorsOf } from './doors.js'
import type { HttpParts } from './parts.js'
import { receiver } from './receive.js'
import type { Route } from './route.js'
import { serve } from './serve.js'
import { serveScim } from './serve-scim.js'

/** The only place that hands routes to Express. What is not in `routes` cannot be reached. */
export function mount(app: Express, routes: readonly Route[], parts: HttpParts): void {
  const takeIn = receiver(parts)
  const handlers = doorsOf(routes).map((door) => [door.path, handlerOf(door, servingOf(door, takeIn), parts)] as const)
  // Express tries one pattern after another; what hosts send in floods is found by its very address.
  const byAddress = new Map(handlers.filter(([path]) => !path.includes(':')))
  app.use((req, res, next) => {
    const handler = byAddress.get(req.path)
    return handler ? handler(req, res, next) : next()
  })
  // Not `app.all`, which keeps one handler for each method of HTTP: thirty-four times as much to make and to look at.
  for (const [path, handler] of handlers) app.route(path).all(handler)
}

function servingOf(door: Door, takeIn: typeof serve): typeof serve {
  if (door.face === 'scim') return serveScim
  return door.routes.post?.options.receives ? takeIn : serve
}

const handlerOf =
  (door: Door, answer: typeof serve, parts: HttpParts): RequestHandler =>
  (req, res, next) => {
    answer(door, parts, req, res).catch(next)
  }
