import type { Readable } from 'node:stream'
import type { NewCookie } from './cookies.js'
import type { ServerEvent } from './sse.js'

/**
 * What a handler answers, as a value. The same value is a page, a fragment of one or JSON, depending on who asked:
 * one verb, two faces. Data of a page doubles as the API's answer, picked by the route's `output` (an allow-list).
 */
export type Reply<Data = unknown> = {
  readonly cookies?: readonly NewCookie[]
  readonly formTo?: string
  /** `none`: the next page is not told where it was asked for. */
  readonly referrer?: 'none'
} & (
  | { readonly kind: 'page'; readonly view: string; readonly data: Data; readonly status: number }
  | { readonly kind: 'fragment'; readonly view: string; readonly data: Data }
  | {
      readonly kind: 'go'
      readonly url: string
      readonly message: string | undefined
      readonly data?: Data | undefined
      readonly isStarted: boolean
    }
  | { readonly kind: 'stream'; readonly events: AsyncIterable<ServerEvent> }
  | { readonly kind: 'file'; readonly name: string; readonly type: string; readonly content: Readable }
  | {
      readonly kind: 'json'
      readonly body: unknown
      readonly type: string
      readonly status: number
      readonly location?: string | undefined
    }
  | { readonly kind: 'nothing' }
)

/** A view under `views/`, without `.njk`. Asked for by htmx it comes without the layout around it. */
export const page = <Data extends object>(view: string, data: Data, status = 200): Reply<Data> => ({
  kind: 'page',
  view,
  data,
  status,
})

/** A part of a page that is never seen alone: a row that refreshes, a list of search results. */
export const fragment = <Data extends object>(view: string, data: Data): Reply<Data> => ({
  kind: 'fragment',
  view,
  data,
})

/**
 * After a change: the browser goes to `url`, where `message` is shown once. An API client gets `data`: 201 for a POST,
 * else 200; without data 204.
 */
export const go = <Data = never>(url: string, message?: string, data?: Data): Reply<Data> => ({
  kind: 'go',
  url: ownUrl(url),
  message,
  data,
  isStarted: false,
})

/** As `go`, for long work that has only begun: an API client gets 202 and finds the operation by `Location`. */
export const started = <Data = never>(url: string, message?: string, data?: Data): Reply<Data> => ({
  kind: 'go',
  url: ownUrl(url),
  message,
  data,
  isStarted: true,
})

/** Server-sent events until the iterable ends or the reader hangs up. `origin.lastEventId` says where to go on. */
export const stream = (events: AsyncIterable<ServerEvent>): Reply<never> => ({ kind: 'stream', events })

/** A download. Browsers save it; they never show it as a page of ours. */
export const file = (name: string, type: string, content: Readable): Reply<never> => ({
  kind: 'file',
  name,
  type,
  content,
})

/** A document that is JSON for everyone, such as `openapi.json`. */
export const json = (body: unknown, status = 200, type = 'application/json'): Reply<never> => ({
  kind: 'json',
  body,
  type,
  status,
})

/** A resource or a list of them, as SCIM writes them; `location` is where a new one is found. */
export const scim = (body: unknown, status = 200, location?: string): Reply<never> => ({
  kind: 'json',
  body,
  type: 'application/scim+json',
  status,
  location,
})

/** Done, and there is nothing to say. A browser stays where it is. */
export const nothing = (): Reply<never> => ({ kind: 'nothing' })

/** The same reply, which also sets or removes cookies. */
export const withCookies = <Data>(reply: Reply<Data>, ...cookies: NewCookie[]): Reply<Data> => ({ ...reply, cookies })

/** The same page, whose forms may also be sent to the origin of that address: a host that a person is sent on to. */
export const withFormTo = <Data>(reply: Reply<Data>, address: string): Reply<Data> => ({
  ...reply,
  formTo: new URL(address).origin,
})

/** A redirect to an address that a visitor chose would lend our name to a phisher: only our own paths pass. */
function ownUrl(url: string): string {
  if (!/^\/(?![/\\])/.test(url)) throw new Error(`A reply can only go to a path of this panel, not to ${url}`)
  return url
}
