import type { TransactionOf } from '../platform/db/doors.js'
import type { MailsRow } from '../platform/db/tables.js'

/** Never what it says. */
export type ListedMail = Pick<
  MailsRow,
  'id' | 'recipient' | 'subject' | 'created_at' | 'attempts' | 'attempt_at' | 'outcome' | 'why' | 'ended_at'
> & { has_content: boolean }

export const newestMails = (db: TransactionOf<'operator'>, limit: number): Promise<ListedMail[]> =>
  db('mails')
    .select(
      ...([
        'id',
        'recipient',
        'subject',
        'created_at',
        'attempts',
        'attempt_at',
        'outcome',
        'why',
        'ended_at',
      ] as const),
      db.raw('content_sealed is not null as has_content'),
    )
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit)
