import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import { TeamCtx } from '../access/ctx.js'
import { stateOf } from './request-state.js'

/** One line a request. The route's pattern stands for the URL: query strings and names in paths stay out of logs. */
export function requestLog(parent: Logger): RequestHandler {
  // What such a line holds is written here, so nothing has to be hidden by its name, which costs ten times the line.
  const log = parent.child({}, { redact: [] })
  return (req, res, next) => {
    const startedAt = performance.now()
    const state = stateOf(req)
    res.once('close', () => {
      const { identity, ctx } = state
      const actor = identity && identity.kind !== 'visitor' ? identity.actor : ctx instanceof TeamCtx ? ctx.actor : null
      log.info({
        request: state.id,
        method: req.method,
        route: state.route ?? '(none)',
        status: res.statusCode,
        ms: Math.round(performance.now() - startedAt),
        actor: actor?.id ?? null,
        ...(!res.writableFinished && { hungUp: true }),
      })
    })
    next()
  }
}
