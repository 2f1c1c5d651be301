import { z } from 'zod'
import { ListedEvent } from '../activity/activity.js'
import { filled } from '../platform/http/fields.js'
import { listOf, pageQuery } from '../platform/http/pagination.js'

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

/** What the activity tells, and from where, with the name that the thing had then. */
export const AuditList = listOf(
  ListedEvent.extend({ address: z.string().nullable(), subject_name: z.string().nullable() }),
)
