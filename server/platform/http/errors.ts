import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { ProofNeeded } from '../access/step-up.js'
import { notFound } from '../errors.js'
import { sendProblem } from './api-answer.js'
import { denialOf } from './denials.js'
import { type Fault, translate } from './fault.js'
import type { HttpParts } from './parts.js'
import { renderView } from './render.js'
import { stateOf } from './request-state.js'
import { sendScimError } from './scim-fault.js'
import { sendTo, sendToProof, sendToSignIn } from './send-elsewhere.js'

/** What no route and no file answered. */
export const nothingHere: RequestHandler = (_req, _res, next) => next(notFound('page'))

/** Every error ends here: as a page, as a notice in the page that asked, or as problem+json. Never with a stack. */
export const errorHandler = (parts: HttpParts): ErrorRequestHandler => {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    // Whoever asked has hung up, and what was done for them ended with that: nobody is left to tell.
    if (res.closed && error instanceof Error && error.name === 'AbortError') return
    const fault = translate(error)
    logFault(parts, req, fault, error)
    if (res.headersSent) return void res.destroy()
    answer(parts, req, res, fault, error).catch((second: unknown) => {
      parts.log.error({ err: second, reference: fault.reference }, 'the error page itself failed')
      if (!res.headersSent)
        res
          .status(500)
          .type('text/plain')
          .send(`Something went wrong ${fault.reference ?? ''}`)
    })
  }
}

async function answer(parts: HttpParts, req: Request, res: Response, fault: Fault, error: unknown): Promise<void> {
  const denial = fault.status === 403 ? denialOf(req, error) : null
  if (denial) await parts.onDenied(denial)
  const isPage = stateOf(req).face === 'page'
  if (isPage && error instanceof ProofNeeded) return sendToProof(parts, req, res, error.stepUp)
  if (stateOf(req).face === 'scim') return sendScimError(res, fault, error)
  return send(parts, req, res, fault)
}

async function send(parts: HttpParts, req: Request, res: Response, fault: Fault): Promise<void> {
  if (stateOf(req).face === 'api') return sendProblem(res, fault)
  if (fault.kind === 'sign-in') return sendToSignIn(parts.signInPath, req, res)
  if (fault.kind === 'factor') return sendToSignIn(parts.factorPath, req, res)
  if (fault.kind === 'unverified') return sendTo(parts.verifyPath, req, res)
  res.status(fault.status).set(fault.headers).type('html')
  if (req.get('hx-request') === 'true') {
    // The part that was asked for stays as it is; the notice is read out where all notices are.
    res.set({ 'HX-Retarget': '#notices', 'HX-Reswap': 'innerHTML' })
    res.send(await renderView(parts, req, res, { kind: 'fragment', view: 'errors/_notice', data: { fault } }))
  } else {
    res.send(await renderView(parts, req, res, { kind: 'fragment', view: 'errors/show', data: { fault } }))
  }
}

function logFault(parts: HttpParts, req: Request, fault: Fault, error: unknown): void {
  const { id, route } = stateOf(req)
  if (fault.kind === 'bug')
    parts.log.error({ err: error, reference: fault.reference, request: id, route }, 'request failed')
  if (fault.kind === 'remote') parts.log.warn({ err: error, request: id, route }, fault.message)
}
