import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { listOf, pageQuery } from '../platform/http/pagination.js'

/** A filter's field that was left empty is no filter. */
const filled = <Field extends z.ZodType>(field: Field) =>
  z.preprocess((value) => (value === '' ? undefined : value), field.optional())

const filters = {
  person: filled(z.uuid()).describe('Only by one person or API key, by id'),
  act: filled(z.string().max(60)).describe('Only one type, such as `site.updated`, or a group, such as `site`'),
  kind: filled(z.string().max(30)).describe('Only about one kind of thing, such as `site`'),
  thing: filled(z.string().max(200)).describe('Only about one thing, by its id, or by the name that it had'),
  from: filled(z.iso.date()).describe('Not before this day (UTC)'),
  to: filled(z.iso.date()).describe('Not after this day (UTC)'),
  address: filled(z.string().max(60)).describe('Only what was asked for from this IP address'),
  words: filled(z.string().max(200)).describe('Only where all of these words, or beginnings of words, stand'),
}

export const AuditQuery = pageQuery.extend(filters)
export type AuditFilters = Omit<z.output<typeof AuditQuery>, 'cursor' | 'limit'>

export const AuditExport = z.strictObject({ ...filters, format: z.enum(['csv', 'jsonl']) })

export const AuditList = listOf(
  z.object({
    id: z.uuid(),
    sequence: z.number().int(),
    type: z.string(),
    text: z.string().describe('The same in words'),
    actor_kind: z.enum(['user', 'api-key', 'directory', 'system']),
    actor_id: z.uuid().nullable(),
    actor_name: z.string(),
    address: z.string().nullable(),
    subject_kind: z.string(),
    subject_id: z.uuid().nullable(),
    subject_name: z.string().nullable(),
    data: z.unknown(),
    at: timestamp(),
  }),
)
