import type { Express, RequestHandler } from 'express'
import { type Door, doorsOf } from './doors.js'
import type { HttpParts } from './parts.js'
import type { Route } from './route.js'
import { serve } from './serve.js'

/** The only place that hands routes to Express. What is not in `routes` cannot be reached. */
export function mount(app: Express, routes: readonly Route[], parts: HttpParts): void {
  for (const door of doorsOf(routes)) app.all(door.path, handlerOf(door, parts))
}

const handlerOf =
  (door: Door, parts: HttpParts): RequestHandler =>
  (req, res, next) => {
    serve(door, parts, req, res).catch(next)
  }
