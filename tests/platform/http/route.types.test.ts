import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { PersonCtx, TeamCtx, VisitorCtx } from '../../../server/platform/access/ctx.js'
import { nothing, page } from '../../../server/platform/http/reply.js'
import { get, post } from '../../../server/platform/http/route.js'

/** Checked by the compiler: `tsc` fails on a line that expects an error and has none. */
test('leaving out `can`, or naming a permission that is not there, does not compile', () => {
  // @ts-expect-error: `can` is missing
  get('/a', {}, () => nothing())
  // @ts-expect-error: no such permission
  get('/a', { can: 'site:explode' }, () => nothing())
})

test('the ctx follows from `can`', () => {
  get('/a', { can: 'anyone' }, ({ ctx }) => {
    expectTypeOf(ctx).toEqualTypeOf<VisitorCtx>()
    return nothing()
  })
  get('/a', { can: 'signed-in' }, ({ ctx }) => {
    expectTypeOf(ctx).toEqualTypeOf<PersonCtx>()
    return nothing()
  })
  get('/a', { can: 'site:read' }, ({ ctx }) => {
    expectTypeOf(ctx).toEqualTypeOf<TeamCtx>()
    return nothing()
  })
})

test('parameters, input and query follow from the path and the schemas', () => {
  const input = z.object({ size: z.number() })
  const query = z.object({ sort: z.enum(['name', 'size']).default('name') })
  post('/sites/:site/deploys/:deploy', { can: 'site:read', input, query }, (call) => {
    expectTypeOf(call.params).toEqualTypeOf<{ readonly site: string; readonly deploy: string }>()
    expectTypeOf(call.input).toEqualTypeOf<{ size: number }>()
    expectTypeOf(call.query).toEqualTypeOf<{ sort: 'name' | 'size' }>()
    // @ts-expect-error: the path has no such parameter
    call.params.server
    return nothing()
  })
  get('/a', { can: 'anyone' }, ({ input }) => {
    expectTypeOf(input).toEqualTypeOf<undefined>()
    return nothing()
  })
})

test('a reply must hold what the output names, and may hold more for the page', () => {
  const output = z.object({ name: z.string() })
  get('/a', { can: 'anyone', output }, () => page('a', { name: 'x', more: 1 }))
  // @ts-expect-error: the API promises a name
  get('/a', { can: 'anyone', output }, () => page('a', { more: 1 }))
})

test('a GET takes no body', () => {
  // @ts-expect-error: input belongs to a change
  get('/a', { can: 'anyone', input: z.object({}) }, () => nothing())
})
