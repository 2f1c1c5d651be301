import type { Access } from '../access.js'
import { maintenancePage, maintenanceSeconds, notAnsweringPage, passwordPage } from '../pages.js'
import { say } from './handlers.js'
import type { Json } from './json.js'

/** What stands before a site in Caddy: in its routes by name and by port, after the redirects and before what shows it. */

export const accessRoutes = ({ headers, maintenance, users }: Access): Json[] => [
  ...(headers.length > 0 ? [setHeaders(headers)] : []),
  ...(maintenance === null ? [] : [say(503, literal(maintenancePage(maintenance)), maintenanceSeconds)]),
  ...(users.length > 0 ? [askPassword(users)] : []),
]

/** Of a route that has these: who does not know the password is told so, not that the site is not answering. */
export const errorRoutes: readonly Json[] = [
  { match: [{ vars: { '{http.error.status_code}': ['401'] } }], ...say(401, passwordPage), terminal: true },
  say('{http.error.status_code}', notAnsweringPage),
]

/** Set when the answer goes out, so they take the place of what an application says. */
const setHeaders = (headers: Access['headers']): Json => ({
  handle: [
    {
      handler: 'headers',
      response: { deferred: true, set: Object.fromEntries(headers.map(({ name, value }) => [name, [literal(value)]])) },
    },
  ],
})

/** The site is not told the password. Each is hashed once: the answer is remembered, right or wrong. */
const askPassword = (users: Access['users']): Json => ({
  handle: [
    {
      handler: 'authentication',
      providers: {
        http_basic: {
          accounts: users.map(({ name, hash }) => ({ username: name, password: Buffer.from(hash).toString('base64') })),
          hash: { algorithm: 'bcrypt' },
          hash_cache: {},
          realm: 'This site',
        },
      },
    },
    { handler: 'headers', request: { delete: ['Authorization'] } },
  ],
})

/**
 * Caddy replaces what stands in braces, by parts of the request or its own environment. A backslash keeps it from that, and only where there
 * is an opening brace at all.
 */
export const literal = (text: string): string => (text.includes('{') ? text.replace(/[{}]/g, '\\$&') : text)
