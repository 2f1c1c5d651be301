import type { Access } from '../access.js'
import { maintenancePage, maintenanceSeconds, notAnsweringPage, nothingDeployedPage, passwordPage } from '../pages.js'
import { say, sendToUpstream } from './handlers.js'
import type { Json } from './json.js'

/** A site in Caddy with what stands before it: the same in its routes by name, where redirects come first, and by port. */

export const showSite = ({ access, folder }: { access: Access; folder: string }): Json[] => [
  ...(access.maintenance === null ? [] : [say(503, literal(maintenancePage(access.maintenance)), maintenanceSeconds)]),
  ...(access.users.length > 0 ? [askPassword(access.users)] : []),
  sendToUpstream(folder, setHeaders(access.headers.filter(isAboutKeeping))),
  say(503, nothingDeployedPage),
]

type Headers = Access['headers']

/** On what the site says and on what we say for it. Nobody shall keep the latter, so what lets people keep answers is for the former. */
export const onEveryAnswer = (headers: Headers): Json[] => {
  const handle = setHeaders(headers.filter((header) => !isAboutKeeping(header)))
  return handle.length > 0 ? [{ handle }] : []
}

const isAboutKeeping = ({ name }: Headers[number]): boolean => /(^|-)(cache|surrogate)-control$|^expires$/i.test(name)

/**
 * Of what has these: who does not know the password is told so, not that the site is not answering. They begin with what is on every
 * answer, as nothing of what was set before an error is on the answer to it.
 */
export const errorRoutes = (headers: Headers): Json[] => [
  ...onEveryAnswer(headers),
  { match: [{ vars: { '{http.error.status_code}': ['401'] } }], ...say(401, passwordPage), terminal: true },
  say('{http.error.status_code}', notAnsweringPage),
]

/** Set when the answer goes out, so they take the place of what an application says. */
const setHeaders = (headers: Headers): Json[] => {
  const set = Object.fromEntries(headers.map(({ name, value }) => [name, [literal(value)]]))
  return headers.length > 0 ? [{ handler: 'headers', response: { deferred: true, set } }] : []
}

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
