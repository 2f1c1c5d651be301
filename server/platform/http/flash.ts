import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import { cookieLine, type NewCookie, readCookie } from './cookies.js'

/** A message that outlives one redirect. It rides in a cookie, so it needs no session and works on the sign-in page. */
const name = 'notice'

export const flashCookie = (message: string): NewCookie => ({
  name,
  value: Buffer.from(message.slice(0, 500)).toString('base64url'),
  maxAgeSeconds: 60,
})

/** The waiting message, which is then gone. Only whole pages take it: a row that refreshes must not eat it. */
export function takeFlash(req: IncomingMessage, res: Response, baseUrl: URL): string | undefined {
  const value = readCookie(req, name, baseUrl)
  if (!value) return undefined
  res.append('Set-Cookie', cookieLine({ name, value: null }, baseUrl))
  return Buffer.from(value, 'base64url').toString()
}
