import { forgeableHeaders } from '../forwarded.js'
import { upstreamFolder } from '../layout.js'
import { pageHeaders } from '../pages.js'
import type { Json, JsonObject } from './json.js'

/** What Caddy does with a visitor, by the port of a site or by its names. */

export const closeWhileChanging: Json = {
  match: [{ vars: { '{http.shutting_down}': ['true'] } }],
  handle: [{ handler: 'headers', response: { set: { Connection: ['close'] } } }],
}

/**
 * The one file's name is the address, so a switch changes no configuration. It is looked for twice because the first look may
 * fall between listing the folder and a rename.
 */
export const sendToUpstream = (siteFolder: string, before: readonly Json[]): Json => ({
  match: [{ file: { root: upstreamFolder(siteFolder), try_files: ['*', '*'] } }],
  handle: [
    ...before,
    { handler: 'headers', request: { delete: [...forgeableHeaders] } },
    rememberEndOfBody,
    {
      handler: 'reverse_proxy',
      upstreams: [{ dial: 'tcp{http.matchers.file.relative}' }],
      // Applications close idle connections themselves (Node after 5 s, gunicorn after 2 s); a POST that meets one being
      // closed cannot be sent again, so ours are given up first.
      transport: { protocol: 'http', keep_alive: { idle_timeout: 1_500_000_000 } },
    },
  ],
  terminal: true,
})

/**
 * No limit, but a cure: after the last byte of a body was sent on, Caddy looks once more whether it has ended, while its own server
 * may have closed it because the answer has begun. Then it cuts the answer, which the visitor takes for whole (Caddy 2.6.2 on a busy
 * machine: 1 POST in 500 torn). The reader of this handler remembers the end and does not look again.
 */
const rememberEndOfBody: Json = { handler: 'request_body', max_size: 1_000_000_000_000_000 }

export const say = (status: number | string, body: string, retryAfterSeconds?: number): JsonObject => ({
  handle: [
    {
      handler: 'static_response',
      status_code: status,
      headers: headersOf(retryAfterSeconds),
      body,
    },
  ],
})

const headersOf = (retryAfterSeconds?: number): JsonObject => {
  const headers = {
    ...pageHeaders,
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` }),
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]))
}
