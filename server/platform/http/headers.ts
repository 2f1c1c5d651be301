import type { RequestHandler } from 'express'
import { stateOf } from './request-state.js'

/**
 * What every answer says to browsers. Nothing inline runs without the nonce of its own answer, nothing is loaded from
 * elsewhere, nobody frames us, and nothing a signed-in person sees stays in a cache.
 */
export function securityHeaders(baseUrl: URL): RequestHandler {
  const fixed = {
    'Cache-Control': 'no-store',
    // Not `no-referrer`: under it browsers send `Origin: null` with our own forms, which the CSRF check has to refuse.
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'credentialless',
    'Permissions-Policy': switchedOff.map((feature) => `${feature}=()`).join(', '),
    // Two years. Only where the panel itself is on https: a browser would hold a plain-http panel to it for ever.
    ...(baseUrl.protocol === 'https:' && { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' }),
  }
  return (req, res, next) => {
    const { id, nonce } = stateOf(req)
    res.set({ ...fixed, 'X-Request-Id': id, 'Content-Security-Policy': contentSecurityPolicy(nonce) })
    next()
  }
}

/** `formTo`: another origin that forms of this one page may be sent to. */
export const contentSecurityPolicy = (nonce: string, formTo?: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    `form-action 'self'${formTo === undefined ? '' : ` ${formTo}`}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ')

const switchedOff = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
