import type { Express, RequestHandler } from 'express'
import { type Door, doorsOf } from './doors.js'
import type { HttpParts } from './parts.js'
import { receiver } from './receive.js'
import type { Route } from './route.js'
import { serve } from './serve.js'

/** The only place that hands routes to Express. What is not in `routes` cannot be reached. */
export function mount(app: Express, routes: readonly Route[], parts: HttpParts): void {
  const takeIn = receiver(parts)
  for (const door of doorsOf(routes))
    app.all(door.path, handlerOf(door, door.routes.post?.options.receives ? takeIn : serve, parts))
}

const handlerOf =
  (door: Door, answer: typeof serve, parts: HttpParts): RequestHandler =>
  (req, res, next) => {
    answer(door, parts, req, res).catch(next)
  }
