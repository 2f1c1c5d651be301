import type { z } from 'zod'
import type { PersonCtx, TeamCtx, VisitorCtx } from '../access/ctx.js'
import type { Permission } from '../access/roles.js'
import type { Reply } from './reply.js'

/**
 * Routes are data. A feature lists them; `mount` alone authorizes, parses, calls and answers.
 * A team route (`can` is a permission) is written without its prefix: `/sites/:site` is served as
 * `/teams/:team/sites/:site` to browsers and `/api/v1/teams/:team/sites/:site` to API clients.
 */
export type Can = 'anyone' | 'signed-in' | 'operator' | Permission

export type CtxFor<C extends Can> = C extends 'anyone'
  ? VisitorCtx
  : C extends 'signed-in' | 'operator'
    ? PersonCtx
    : TeamCtx

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface RouteOptions<C extends Can, Input extends z.ZodType, Query extends z.ZodType> {
  can: C
  /** The form or JSON body. Left out: the body must be empty. */
  input?: Input
  /** The query string. Left out: unknown parameters are refused. */
  query?: Query
  /** What the API answers, picked out of the reply's data. Left out: a page only, not part of the API. */
  output?: z.ZodType
  /** The page that holds the form; shown again with the values and field errors when the input is refused. */
  form?: (call: Call<C, z.ZodUndefined, z.ZodUndefined>) => Promise<Reply>
  /** One line for the API reference. */
  summary?: string
}

export interface Call<C extends Can, Input extends z.ZodType, Query extends z.ZodType> {
  ctx: CtxFor<C>
  params: Record<string, string>
  input: z.output<Input>
  query: z.output<Query>
  /** Ends when the caller hangs up. */
  signal: AbortSignal
}

export interface Route {
  readonly method: Method
  readonly path: string
  readonly options: RouteOptions<Can, z.ZodType, z.ZodType>
  readonly handle: (call: Call<Can, z.ZodType, z.ZodType>) => Promise<Reply>
}
