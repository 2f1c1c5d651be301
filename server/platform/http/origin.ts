import type { Request } from 'express'
import { addressOf } from './address.js'
import { stateOf } from './request-state.js'
import type { Origin } from './route.js'

/** From where a program asks: no cookie is looked at, for nobody here acts for a browser. */
export const originOfProgram = (req: Request): Origin => ({
  requestId: stateOf(req).id,
  ip: addressOf(req) ?? '',
  userAgent: (req.get('user-agent') ?? '').slice(0, 300),
  cookie: () => undefined,
  lastEventId: undefined,
})
