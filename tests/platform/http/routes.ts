import { Readable } from 'node:stream'
import { z } from 'zod'
import { conflict, FieldError, notFound } from '../../../server/platform/errors.js'
import { integer, timestamp } from '../../../server/platform/http/fields.js'
import { file, fragment, go, nothing, page, started, stream, withCookies } from '../../../server/platform/http/reply.js'
import { del, get, patch, post, type Route } from '../../../server/platform/http/route.js'

/** One route of each kind, about notes. `seen` is what the handlers did, so that refusals can be told from work. */
export const seen: unknown[] = []

const Note = z.object({ name: z.string(), size: z.number(), madeAt: timestamp() })
const NewNote = z.object({ name: z.string().regex(/^[a-z]+$/, 'Use lower case letters'), size: integer(1, 9) })
const row = { name: 'first', size: 3, madeAt: new Date('2026-01-02T03:04:05Z'), secret: 'canary' }

export const noteRoutes: Route[] = [
  get('/notes/new', { can: 'site:create' }, () => page('new-note', {})),
  get('/notes/:note', { can: 'site:read', output: Note, summary: 'Show a note' }, ({ params }) => {
    if (params.note === 'missing') throw notFound('note')
    return page('note', { ...row, name: params.note })
  }),
  get('/notes', { can: 'site:read', query: z.object({ sort: z.enum(['name', 'size']).optional() }) }, ({ query }) =>
    page('note', { name: `sorted by ${query.sort ?? 'nothing'}` }),
  ),
  post(
    '/notes',
    { can: 'site:create', input: NewNote, output: Note, form: () => page('new-note', {}) },
    async ({ input }) => {
      if (input.name === 'taken') throw new FieldError('name', 'There is a note of that name')
      if (input.name === 'busy') throw conflict('The notes are being moved', 'Try again in a minute.')
      seen.push(input)
      return go(`/teams/acme/notes/${input.name}`, 'Note “made” <b>', { ...row, ...input })
    },
  ),
  patch('/notes/:note', { can: 'site:update', input: NewNote.partial(), output: Note }, ({ input }) => {
    seen.push(input)
    return go('/teams/acme/notes', undefined, row)
  }),
  del('/notes/:note', { can: 'site:delete', output: z.unknown() }, ({ params }) => {
    seen.push(`deleted ${params.note}`)
    return go('/teams/acme/notes', 'Deleted')
  }),
  post('/notes/:note/printing', { can: 'site:control', output: z.object({ operation: z.string() }) }, () => {
    seen.push('printing')
    return started('/teams/acme/operations/7', 'Printing', { operation: '7' })
  }),
  post('/notes/:note/reading', { can: 'site:control', output: z.unknown() }, () => nothing()),
  get('/notes/:note/row', { can: 'site:read' }, () => fragment('note', { ...row, layout: 'ignored' })),
  get('/notes/:note/file', { can: 'site:read' }, () =>
    file('a "note"\r\n.txt', 'text/plain', Readable.from(['hello'])),
  ),
  get('/notes/:note/stream', { can: 'site:read' }, ({ origin }) => stream(count(Number(origin.lastEventId ?? 0)))),
  get('/profile', { can: 'signed-in', output: z.object({ name: z.string() }) }, ({ ctx }) =>
    page('note', { name: ctx.actor.name }),
  ),
  get('/operator/health', { can: 'operator' }, () => page('note', { name: 'health' })),
  get('/sign-in', { can: 'anyone' }, () => page('new-note', {})),
  post('/sign-in', { can: 'anyone', input: z.object({ name: z.string() }) }, ({ input }) =>
    withCookies(go('/'), { name: 'session', value: input.name }),
  ),
  get('/broken', { can: 'anyone' }, () => {
    throw new Error('select secret from /var/lib/canary')
  }),
  get('/broken-view', { can: 'anyone' }, () => page('note', {})),
]

async function* count(after: number) {
  for (let id = after + 1; id <= after + 3; id++) yield { id, data: `line ${id}\nmore` }
}
