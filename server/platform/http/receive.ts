import express, { type Request, type Response } from 'express'
import { authorize } from '../access/authorizer.js'
import { UserError } from '../errors.js'
import { allowedMethods, type Door } from './doors.js'
import { MethodRefused } from './fault.js'
import { originOfProgram } from './origin.js'
import type { HttpParts } from './parts.js'
import { readParams, readQuery } from './query.js'
import { stateOf } from './request-state.js'
import type { Received } from './route.js'
import { sendReply } from './send-reply.js'
import type { serve } from './serve.js'
import { targetOf } from './target.js'

/** Nearly all are far smaller, and never wait for the large ones. */
const smallBytes = 1024 * 1024
/** Of all large bodies that are being read at one time, so that a flood of them cannot fill the memory. */
const mostBytesAtOnce = 128 * 1024 * 1024
/** Whoever sends a delivery and leaves has sent it. */
const never = new AbortController().signal
/** Hosts give up after ten seconds by themselves. */
const longestMs = 30_000

/** Serves the routes that `receive` made. One for the whole panel: it counts what is under way. */
export function receiver(parts: HttpParts): typeof serve {
  let underWay = 0

  async function withRoom(bytes: number, work: () => Promise<void>): Promise<void> {
    if (bytes <= smallBytes) return work()
    if (underWay + bytes > mostBytesAtOnce)
      throw new UserError(503, 'Too much is being sent at once', 'Send it again later.')
    underWay += bytes
    try {
      await work()
    } finally {
      underWay -= bytes
    }
  }

  return async (door, _parts, req, res) => {
    const limit = door.routes.post?.options.receives ?? 0
    await withRoom(Math.min(announced(req) ?? limit, limit), () => takeIn(door, parts, limit, req, res))
  }
}

async function takeIn(door: Door, parts: HttpParts, limit: number, req: Request, res: Response): Promise<void> {
  const state = stateOf(req)
  const { post: route } = door.routes
  // Whoever sends this is a program, unless said otherwise: what goes wrong is told as problem+json.
  state.face = route?.options.fromBrowser ? 'page' : 'api'
  state.route = door.path
  if (!route || req.method !== 'POST') throw new MethodRefused(allowedMethods(door).join(', '))
  const query = readQuery(req.originalUrl, route.options.query)
  const ctx = await authorize(parts.services, parts.authorizer, { kind: 'visitor' }, 'anyone', targetOf(req, route))
  const input: Received = { bytes: await readWhole(req, res, limit), headers: req.headers }
  const reply = await route.handle({
    ctx,
    params: readParams(req.params),
    query,
    input,
    origin: originOfProgram(req),
    signal: never,
  })
  return sendReply(parts, req, res, route, reply)
}

/** Throws 413 above the limit, 408 for what comes too slowly, 415 for what is packed: a signature is over the bytes as they came. */
async function readWhole(req: Request, res: Response, limit: number): Promise<Buffer> {
  const length = announced(req)
  if (length !== null && length > limit) throw new UserError(413, `This address takes ${limit} bytes at most`)
  const read = express.raw({ type: () => true, limit, inflate: false })
  let late: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    late = setTimeout(() => {
      // What is still to come is read by nobody.
      res.set('Connection', 'close').once('finish', () => req.destroy())
      reject(new UserError(408, `The body did not come within ${longestMs / 1000} s`))
    }, longestMs)
    read(req, res, (error?: unknown) => (error ? reject(error) : resolve()))
  }).finally(() => clearTimeout(late))
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
}

function announced(req: Request): number | null {
  const length = req.headers['content-length']
  return length === undefined ? null : Number(length)
}
