import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { accessChannel, authorize } from '../access/authorizer.js'
import { apiAnswer, sendApiAnswer } from './api-answer.js'
import { cookieLine } from './cookies.js'
import type { Fault } from './fault.js'
import { flashCookie } from './flash.js'
import { contentSecurityPolicy } from './headers.js'
import type { HttpParts } from './parts.js'
import { renderView } from './render.js'
import type { Reply } from './reply.js'
import { stateOf } from './request-state.js'
import type { Route } from './route.js'
import { sendEvents } from './sse.js'
import { type Right, watchRight } from './still-allowed.js'
import { targetOf } from './target.js'

/** What was filled in and what is wrong with it, when a form is shown again. */
export interface Refused {
  readonly values: Record<string, unknown>
  readonly errors: Fault['errors']
  /** Left out: 422. */
  readonly status?: number
  /** Where to confirm who one is, before the form is sent again. */
  readonly proofUrl?: string
}

/** Turns a handler's reply into the answer that fits who asked: a page, a fragment, JSON, a stream or a download. */
export async function sendReply(
  parts: HttpParts,
  req: Request,
  res: Response,
  route: Route,
  reply: Reply,
  refused?: Refused,
): Promise<void> {
  if (reply.formTo) res.set('Content-Security-Policy', contentSecurityPolicy(stateOf(req).nonce, reply.formTo))
  if (reply.referrer === 'none') res.set('Referrer-Policy', 'no-referrer')
  const cookies = (reply.cookies ?? []).flatMap((cookie) => [cookie, ...(cookie.along ?? [])])
  for (const cookie of cookies) res.append('Set-Cookie', cookieLine(cookie, parts.baseUrl))
  switch (reply.kind) {
    case 'stream':
      return sendStream(parts, req, res, route, reply)
    case 'file':
      return sendFile(parts, req, res, route, reply)
    case 'json':
      if (reply.location !== undefined) res.set('Location', reply.location)
      return void res.status(reply.status).type(reply.type).send(JSON.stringify(reply.body))
    default:
  }
  if (stateOf(req).face === 'api') return sendApiAnswer(res, apiAnswer(route, reply))
  switch (reply.kind) {
    case 'nothing':
      return void res.status(204).end()
    case 'go':
      return sendOn(parts, req, res, reply)
    case 'page':
    case 'fragment': {
      const html = await renderView(parts, req, res, reply, refused)
      return void res
        .status(refused ? (refused.status ?? 422) : reply.kind === 'page' ? reply.status : 200)
        .type('html')
        .send(html)
    }
  }
}

function sendOn(parts: HttpParts, req: Request, res: Response, reply: Extract<Reply, { kind: 'go' }>): void {
  if (reply.message !== undefined) res.append('Set-Cookie', cookieLine(flashCookie(reply.message), parts.baseUrl))
  // fetch follows a 303 by itself, and htmx would put the whole page it finds into a part of this one.
  if (req.get('hx-request') === 'true') res.set('HX-Redirect', reply.url).status(200).end()
  else res.redirect(303, reply.url)
}

async function sendStream(
  parts: HttpParts,
  req: Request,
  res: Response,
  route: Route,
  reply: Extract<Reply, { kind: 'stream' }>,
): Promise<void> {
  if (req.method === 'HEAD') return void res.type('text/event-stream').end()
  const hangUp = new AbortController()
  res.once('close', () => hangUp.abort())
  await sendEvents(res, reply.events, { signal: hangUp.signal, ...rightOf(parts, req, route) })
}

/** Whoever may no longer have it is hung up on in the middle: what they got is plainly not the whole. */
async function sendFile(
  parts: HttpParts,
  req: Request,
  res: Response,
  route: Route,
  reply: Extract<Reply, { kind: 'file' }>,
): Promise<void> {
  res.attachment(reply.name).set('Content-Type', reply.type)
  if (req.method === 'HEAD') return void res.end()
  const watch = watchRight(rightOf(parts, req, route))
  try {
    await pipeline(reply.content, res, { signal: watch.signal })
  } catch (error) {
    if (!watch.signal.aborted) throw error
  } finally {
    watch.end()
  }
}

/** Who the request is of, and whether they may, is asked again as it was at first. */
const rightOf = ({ services, authorizer }: HttpParts, req: Request, route: Route): Right => ({
  onDoubt: (ask) => services.signals.on(accessChannel, ask),
  stillAllowed: async () => {
    // A tab that stays open, and a download that goes on, are no use of a session (SE-04).
    const identity = await authorizer.identify(req, false)
    return authorize(services, authorizer, identity, route.options.can, targetOf(req, route))
  },
})
