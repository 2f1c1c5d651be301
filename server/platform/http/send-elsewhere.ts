import type { Request, Response } from 'express'
import type { StepUp } from '../access/step-up.js'
import { cookieLine } from './cookies.js'
import { flashCookie } from './flash.js'
import { ownPath } from './own-path.js'
import type { HttpParts } from './parts.js'
import { wantsFragment } from './render.js'

/** Answers a browser that may not go on yet with where it has to go first, and from there back. */

/** To the page at `path`, which leads back to what was asked for. A change is not asked for again. */
export function sendToSignIn(path: string, req: Request, res: Response): void {
  const next = isWholePage(req) ? ownPath(req.originalUrl, '') : ''
  sendTo(withNext(path, next), req, res)
}

/** To that page, from which there is no way back by itself. */
export function sendTo(url: string, req: Request, res: Response): void {
  if (req.get('hx-request') === 'true') res.status(401).set('HX-Redirect', url).end()
  else res.redirect(303, url)
}

/** To where a proof is given. It leads back to the page that was asked for, or that a change was asked for from. */
export function sendToProof(parts: HttpParts, req: Request, res: Response, stepUp: StepUp): void {
  const url = proofUrl(parts, req, stepUp)
  const nothingYet = 'Nothing was changed yet. Confirm that it is you, then do it again.'
  if (!isWholePage(req)) res.append('Set-Cookie', cookieLine(flashCookie(nothingYet), parts.baseUrl))
  if (req.get('hx-request') === 'true') res.status(403).set('HX-Redirect', url).end()
  else res.redirect(303, url)
}

/** The address of that page, for a form that stays open meanwhile. */
export function proofUrl(parts: HttpParts, req: Request, stepUp: StepUp): string {
  const next = isWholePage(req) ? ownPath(req.originalUrl, '') : pageBefore(parts.baseUrl, req)
  const url = withNext(parts.proofPath, next)
  return stepUp === true ? url : `${url}${url.includes('?') ? '&' : '?'}both=yes`
}

const isWholePage = (req: Request): boolean => req.method === 'GET' && !wantsFragment(req)

const withNext = (path: string, next: string): string =>
  next === '' || next === '/' ? path : `${path}?next=${encodeURIComponent(next)}`

/** The page of ours that the request came from, as far as the browser says so. */
function pageBefore(baseUrl: URL, req: Request): string {
  const said = req.get('hx-current-url') ?? req.get('referer') ?? ''
  if (!URL.canParse(said)) return ''
  const { origin, pathname, search } = new URL(said)
  return origin === baseUrl.origin ? ownPath(pathname + search, '') : ''
}
