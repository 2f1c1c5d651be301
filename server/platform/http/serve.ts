import type { Request, Response } from 'express'
import type { z } from 'zod'
import { authorize } from '../access/authorizer.js'
import { TeamCtx } from '../access/ctx.js'
import { ProofNeeded, refuseKeys, requireProof } from '../access/step-up.js'
import { FieldError, UserError } from '../errors.js'
import { spendQuota } from '../quotas/quotas.js'
import { type ApiAnswer, apiAnswer, sendApiAnswer } from './api-answer.js'
import { type Body, readBody } from './body.js'
import { readCookie } from './cookies.js'
import { checkToken, refuseOtherSites, tokenField } from './csrf.js'
import { allowedMethods, type Door, keepsAnswer } from './doors.js'
import { InputRefused, MethodRefused } from './fault.js'
import { once } from './idempotency.js'
import { originOfProgram } from './origin.js'
import type { HttpParts } from './parts.js'
import { publishedTo } from './published.js'
import { readParams, readQuery } from './query.js'
import type { Reply } from './reply.js'
import { stateOf } from './request-state.js'
import type { Call, Can, Method, Route } from './route.js'
import { proofUrl } from './send-elsewhere.js'
import { type Refused, sendReply } from './send-reply.js'
import { targetOf } from './target.js'

type AnyCall = Call<Can, unknown, Record<string, unknown>, Record<string, string>>

/**
 * One request, in this order: 1 read the body (bounded), 2 find the route, 3 who asks, 4 from our own pages?, 5 may
 * they, 6 the page's token, 7 is it still them, 8 parse, 9 not too often, 10 handle, 11 answer. Nothing of a handler runs
 * before 1 to 9 passed.
 */
export async function serve(door: Door, parts: HttpParts, req: Request, res: Response): Promise<void> {
  const state = stateOf(req)
  state.face = door.face
  state.route = door.path
  const { services, authorizer, baseUrl } = parts

  const body = await readBody(req, res, door.face)
  const chosen = chooseRoute(door, req.method, body)
  state.identity = await authorizer.identify(req)
  const params = readParams(req.params)
  state.team = params.team
  refuseOtherSites(req, state.identity, baseUrl)
  state.ctx = await authorize(services, authorizer, state.identity, chosen.options.can, targetOf(req, chosen))
  refuseKeys(state.identity, chosen.options)
  const route = publishedTo(state.identity, door.face, chosen)
  checkToken(req, body, state.identity, parts.visitorKey, baseUrl)

  const call: AnyCall = {
    ctx: state.ctx,
    params,
    query: readQuery(req.originalUrl, route.options.query),
    input: undefined,
    origin: {
      ...originOfProgram(req),
      cookie: (name) => readCookie(req, name, baseUrl),
      lastEventId: req.get('last-event-id')?.slice(0, 100),
    },
    signal: hangUpOf(res),
  }
  if (door.face === 'api') await answerApi(parts, route, call, body, req, res)
  else await answerPage(parts, route, call, body, req, res)
}

async function answerApi(parts: HttpParts, route: Route, call: AnyCall, body: Body, req: Request, res: Response) {
  const key = req.get('idempotency-key')
  if (key !== undefined && !keepsAnswer(route))
    throw new UserError(400, 'This answer is not kept for an Idempotency-Key', 'Ask for it without the key.')
  if (key !== undefined && req.method === 'POST' && call.ctx instanceof TeamCtx) {
    const { team, actor } = call.ctx
    const request = { teamId: team.id, actor, key, method: req.method, path: req.path, bytes: body.bytes }
    const work = async () => asAnswer(route, await handle(route, call, body, req))
    return sendApiAnswer(res, await once(parts.idempotency, request, work, parts.services.log))
  }
  return sendReply(parts, req, res, route, await handle(route, call, body, req))
}

async function answerPage(parts: HttpParts, route: Route, call: AnyCall, body: Body, req: Request, res: Response) {
  try {
    return await sendReply(parts, req, res, route, await handle(route, call, body, req))
  } catch (error) {
    const errors = errorsOf(error)
    if (!route.options.form || !errors || res.headersSent) throw error
    const again = await route.options.form({ ...call, input: undefined })
    const values = body.values as Record<string, unknown> // `as`: pages read forms only
    if (!(error instanceof ProofNeeded)) return sendReply(parts, req, res, route, again, { values, errors })
    return sendReply(parts, req, res, route, again, {
      values,
      errors,
      status: 403,
      proofUrl: proofUrl(parts, req, error.stepUp),
    })
  }
}

/** What to say in the form when it is shown again; undefined for what is no matter of the form. */
function errorsOf(error: unknown): Refused['errors'] | undefined {
  if (error instanceof InputRefused) return error.errors
  if (error instanceof FieldError) return [{ field: error.field, message: error.message }]
  return error instanceof ProofNeeded ? [{ field: 'form', message: error.message }] : undefined
}

async function handle(route: Route, call: AnyCall, body: Body, req: Request): Promise<Reply> {
  requireProof(stateOf(req).identity ?? { kind: 'visitor' }, route.options.stepUp, call.ctx.now())
  const input = parseInput(route.options.input, body)
  const { quota } = route.options
  if (quota !== undefined && call.ctx instanceof TeamCtx) await spendQuota(call.ctx.services, call.ctx.team.id, quota)
  return route.handle({ ...call, input })
}

function asAnswer(route: Route, reply: Reply): ApiAnswer {
  if (reply.kind === 'stream' || reply.kind === 'file' || reply.kind === 'json') {
    throw new Error(`${route.path} answers a POST with a ${reply.kind}, which cannot be kept for its Idempotency-Key`)
  }
  return apiAnswer(route, reply)
}

function parseInput(schema: z.ZodType | undefined, body: Body): unknown {
  const values = body.kind === 'form' ? withoutOurFields(body.values) : body.values
  if (schema) {
    const parsed = schema.safeParse(values)
    if (!parsed.success) throw new InputRefused(parsed.error)
    return parsed.data
  }
  const isEmpty = typeof values === 'object' && values !== null && Object.keys(values).length === 0
  if (!isEmpty) throw new UserError(400, 'This address takes no fields')
  return undefined
}

function withoutOurFields(values: unknown): Record<string, unknown> {
  const { [tokenField]: _token, _method, ...rest } = values as Record<string, unknown> // `as`: parseForm made it
  return rest
}

function chooseRoute(door: Door, method: string, body: Body): Route {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
  const named = asked === 'post' && body.kind === 'form' ? (body.values as Record<string, unknown>)._method : undefined // `as`: as above
  const wanted = named === 'put' || named === 'patch' || named === 'delete' ? named : asked
  const route = Object.hasOwn(door.routes, wanted) ? door.routes[wanted as Method] : undefined // `as`: it is a key of routes
  if (!route) throw new MethodRefused(allowedMethods(door).join(', '))
  return route
}

function hangUpOf(res: Response): AbortSignal {
  const hangUp = new AbortController()
  // Only for who left before the answer was whole: an abort makes an error with a stack, and nearly nobody leaves.
  res.once('close', () => res.writableFinished || hangUp.abort())
  return hangUp.signal
}
