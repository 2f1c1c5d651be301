import type { Request } from 'express'
import type { Target } from '../access/authorizer.js'
import { addressOf } from './address.js'
import { readParams } from './query.js'
import type { Route } from './route.js'

/** What of a request decides whether it is let in, besides who asks. Of a stream it is asked again while it is open. */
export const targetOf = (req: Request, route: Route): Target => ({
  params: readParams(req.params),
  isReading: route.method === 'get',
  address: addressOf(req),
})
