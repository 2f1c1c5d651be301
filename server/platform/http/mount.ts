import { type Express, type RequestHandler, Router } from 'express'
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
  const byAddress = new Map<string, RequestHandler>(handlers.filter(([path]) => !path.includes(':')))
  const byShape = routersOf(handlers)
  const find: RequestHandler = (req, res, next) => {
    const handler = byAddress.get(req.path) ?? byShape.get(shapeOf(req.path))
    return handler ? handler(req, res, next) : next()
  }
  app.use(Object.assign(find, { routers: [...byShape.values()] }))
}

/** Those of one shape are tried one after another, in their order: a tenth of them all. */
function routersOf(handlers: readonly (readonly [path: string, handler: RequestHandler])[]): Map<string, Router> {
  const routers = new Map<string, Router>()
  for (const [path, handler] of handlers) {
    if (path.startsWith('/:')) throw new Error(`A route begins with a word: ${path}`)
    const shape = shapeOf(path)
    const router = routers.get(shape) ?? Router({ caseSensitive: true })
    routers.set(shape, router)
    // Not `router.all`, which keeps one handler for each method of HTTP: thirty-four times as much to make and to look at.
    router.route(path).all(handler)
  }
  return routers
}

/** A pattern fits only what begins with the same word and is as long; a slash at the end is no difference to Express. */
function shapeOf(path: string): string {
  const segments = path.replace(/\/$/, '').split('/')
  return `${segments.length} ${segments[1]}`
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
