import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { HalfCtx, PersonCtx, TeamCtx, VisitorCtx } from '../access/ctx.js'
import type { Permission } from '../access/permissions.js'
import type { StepUp } from '../access/step-up.js'
import type { QuotaName } from '../quotas/limits.js'
import type { Reply } from './reply.js'

/**
 * Routes are data. A feature lists them; `mount` alone authorizes, parses, calls and answers.
 * A team route (`can` is a permission) is written without its prefix: `/sites/:site` is served as
 * `/teams/:team/sites/:site` to browsers and `/api/v1/teams/:team/sites/:site` to API clients.
 */
/**
 * `half-signed-in`: those who still owe their second factor, and nobody else. `unverified`: whoever is signed in, also
 * before their address is proven. `directory`: the directory that the address names, by its token, and nobody else: no
 * session and no key opens such a route, and such a token opens no other (AK-05).
 */
export type Can = 'anyone' | 'half-signed-in' | 'unverified' | 'signed-in' | 'operator' | 'directory' | Permission

export type CtxFor<C extends Can> = C extends 'anyone'
  ? VisitorCtx
  : C extends 'half-signed-in'
    ? HalfCtx
    : C extends 'unverified' | 'signed-in' | 'operator'
      ? PersonCtx
      : TeamCtx

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type NamesIn<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Name}/${infer More}`
    ? Name | NamesIn<More>
    : Rest
  : never

/** `'/sites/:site'` gives `{ site: string }`: asking for a parameter that the path does not have does not compile. */
export type ParamsOf<Path extends string> = { readonly [Name in NamesIn<Path>]: string }

/** What is known of the request itself. Links never come from it. */
export interface Origin {
  readonly requestId: string
  readonly ip: string
  readonly userAgent: string
  /** Reads one of our own cookies, by the name it has in the code. */
  readonly cookie: (name: string) => string | undefined
  /** Of a stream that reconnects: the last id its reader saw. */
  readonly lastEventId: string | undefined
}

export interface Call<C extends Can, Input, Query, Params> {
  readonly ctx: CtxFor<C>
  readonly params: Params
  readonly input: Input
  readonly query: Query
  readonly origin: Origin
  /** Ends when the caller hangs up. */
  readonly signal: AbortSignal
}

export interface ReadOptions<C extends Can, Query extends z.ZodObject, Output extends z.ZodType, Params> {
  can: C
  /** The query string. Left out: unknown parameters are refused. Unknown ones are refused in any case. */
  query?: Query
  /** What the API answers, picked out of the reply's data. Left out: a page only, not part of the API. */
  output?: Output
  /** What of it the API answers a publishable key, which anybody may have read. Left out: such a key is refused. */
  publicly?: z.ZodType
  /** The types of what it lets one download, in place of `output`: such a route is part of the API as well. */
  downloads?: readonly string[]
  /** The answer has a secret, this once: it is never kept, so the route takes no `Idempotency-Key`. */
  tellsSecret?: true
  /** One line for the API reference. */
  summary?: string
  /** Dangerous: asks for a proof of who is there that is newer than ten minutes. API keys have none to give. */
  stepUp?: StepUp
  /** What it is counted as, of a team that may do so only so often. */
  quota?: C extends Permission ? QuotaName : never
  /** A step-up route that API keys may use all the same. */
  openToKeys?: true
  /** Never read: it lets the two kinds of options share one name for the path's parameters. */
  params?: Params
}

export interface WriteOptions<
  C extends Can,
  Input extends z.ZodType,
  Query extends z.ZodObject,
  Output extends z.ZodType,
  Params,
> extends ReadOptions<C, Query, Output, Params> {
  /** The form or JSON body. Left out: the body must be empty. */
  input?: Input
  /** Takes a body of any type up to so many bytes, unread: see `receive`. */
  receives?: number
  /** Who sends it is a browser, which another site sent here: it is answered as one. */
  fromBrowser?: true
  /** The page that holds the form; shown again with the values and field errors when the input is refused. */
  form?: (call: Call<C, undefined, z.output<Query>, Params>) => Reply | Promise<Reply>
}

export type Handle<C extends Can, Input, Query, Output, Params> = (
  call: Call<C, Input, Query, Params>,
) => Reply<Output> | Promise<Reply<Output>>

type AnyParams = Record<string, string>

export interface Route {
  readonly method: Method
  readonly path: string
  readonly options: WriteOptions<Can, z.ZodType, z.ZodObject, z.ZodType, AnyParams>
  readonly handle: Handle<Can, unknown, Record<string, unknown>, unknown, AnyParams>
}

/** Shows something. It may never change anything: browsers, scanners and prefetchers call it at will. */
export function get<
  const Path extends string,
  const C extends Can,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Output extends z.ZodType = z.ZodUnknown,
>(
  path: Path,
  options: ReadOptions<C, Query, Output, ParamsOf<Path>>,
  handle: Handle<C, undefined, z.output<Query>, z.input<Output>, ParamsOf<Path>>,
): Route {
  return route('get', path, options, handle)
}

/** What another machine sent, as it came. Whose it is, only the handler can tell, by its signature. */
export interface Received {
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
}

/**
 * Takes what another machine sends by itself: a webhook. No cookie and no key is looked at, so there is nothing that
 * somebody could borrow (no token is needed against that), and the handler trusts nothing before it has checked the
 * signature over the very bytes.
 */
export function receive<const Path extends string>(
  path: Path,
  limitBytes: number,
  handle: Handle<'anyone', Received, Record<never, never>, never, ParamsOf<Path>>,
): Route {
  return route('post', path, { can: 'anyone', receives: limitBytes }, handle)
}

/**
 * The same for a form that another site has its visitor's browser send. Its answer may only lead on: whoever the browser
 * is of, nothing here may be done in their name.
 */
export function receiveForm<const Path extends string>(
  path: Path,
  limitBytes: number,
  handle: Handle<'anyone', Received, Record<never, never>, never, ParamsOf<Path>>,
): Route {
  return route('post', path, { can: 'anyone', receives: limitBytes, fromBrowser: true }, handle)
}

type Writer = <
  const Path extends string,
  const C extends Can,
  Input extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Output extends z.ZodType = z.ZodUnknown,
>(
  path: Path,
  options: WriteOptions<C, Input, Query, Output, ParamsOf<Path>>,
  handle: Handle<C, z.output<Input>, z.output<Query>, z.input<Output>, ParamsOf<Path>>,
) => Route

/** Creates a noun, or starts long work. */
export const post: Writer = (path, options, handle) => route('post', path, options, handle)
/** Replaces the whole of a thing. */
export const put: Writer = (path, options, handle) => route('put', path, options, handle)
/** Changes parts of a thing. */
export const patch: Writer = (path, options, handle) => route('patch', path, options, handle)
/** Removes a thing. Browsers without JavaScript reach it by a form with `_method=delete`. */
export const del: Writer = (path, options, handle) => route('delete', path, options, handle)

/**
 * Forgets the types that the builder checked. `as` is safe here because `mount` alone calls a route, and gives each
 * the ctx of its own `can` and what its own schemas returned.
 */
function route(method: Method, path: string, options: unknown, handle: unknown): Route {
  return { method, path, options: options as Route['options'], handle: handle as Route['handle'] }
}
