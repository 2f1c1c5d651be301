import { z } from 'zod'
import { filled, timestamp } from '../platform/http/fields.js'
import { listOf, pageQuery } from '../platform/http/pagination.js'

export const ActivityQuery = pageQuery.extend({
  site: filled(z.string().max(60)).describe('Only of one site, by its slug'),
  server: filled(z.string().max(60)).describe('Only of one server, by its slug'),
  person: filled(z.uuid()).describe('Only by one person or API key, by id'),
})

export const ListedEvent = z.object({
  id: z.uuid(),
  sequence: z.number().int(),
  type: z.string(),
  text: z.string().describe('The same in words'),
  actor_kind: z.enum(['user', 'api-key', 'directory', 'system']),
  actor_id: z.uuid().nullable(),
  actor_name: z.string(),
  subject_kind: z.string(),
  subject_id: z.uuid().nullable(),
  data: z.unknown(),
  at: timestamp(),
})

export const EventList = listOf(ListedEvent)

export const Verification = z.object({
  ok: z.boolean(),
  events: z.number().int().optional().describe('How many there are, when all is well'),
  sequence: z.number().int().optional().describe('The first event that is not as it was written'),
  why: z.string().optional(),
})
