import type { TransactionOf } from '../db/doors.js'
import type { MailsRow } from '../db/tables.js'

type System = TransactionOf<'system'>

export type NewMailRow = Omit<MailsRow, 'attempts' | 'outcome' | 'why' | 'ended_at'>

/** Once for each key, however often it is asked for. */
export const insertMail = async (db: TransactionOf<'identity'> | System, row: NewMailRow): Promise<void> =>
  void (await db('mails').insert(row).onConflict().ignore())

/** The next that is due, taken for a while. */
export async function claimDue(db: System, now: Date, until: Date): Promise<MailsRow | undefined> {
  const next = db('mails')
    .select('id')
    .whereNull('outcome')
    .where('attempt_at', '<=', now)
    .orderBy(['attempt_at', 'id'])
    .limit(1)
    .forUpdate()
    .skipLocked()
  const [row] = await db('mails')
    .whereIn('id', next)
    .update({ attempt_at: until, attempts: db.raw('attempts + 1') })
    .returning('*')
  return row
}

export type End = Pick<MailsRow, 'outcome' | 'why' | 'ended_at'>

/** What it said is erased with it. False when somebody else has recorded its end meanwhile. */
export const recordSent = async (db: System, id: string, now: Date): Promise<boolean> =>
  (await db('mails')
    .where({ id })
    .whereNull('outcome')
    .update({ outcome: 'sent', why: null, ended_at: now, content_sealed: null })) === 1

export const recordGivenUp = async (db: System, id: string, why: string, now: Date): Promise<boolean> =>
  (await db('mails').where({ id }).whereNull('outcome').update({ outcome: 'given-up', why, ended_at: now })) === 1

export const postpone = async (db: System, id: string, attemptAt: Date, why: string): Promise<void> =>
  void (await db('mails').where({ id }).whereNull('outcome').update({ attempt_at: attemptAt, why }))

/** Due now, with another day to be tried in. False for one that was sent, or whose content is gone. */
export const makeDue = async (db: System, id: string, now: Date, giveUpAt: Date): Promise<boolean> =>
  (await db('mails')
    .where({ id })
    .whereNotNull('content_sealed')
    .whereRaw("outcome is distinct from 'sent'")
    .update({ outcome: null, why: null, ended_at: null, attempt_at: now, give_up_at: giveUpAt })) === 1

export const hasMail = async (db: System, id: string): Promise<boolean> =>
  (await db('mails').select('id').where({ id }).first()) !== undefined

/** Those that nobody could even try: there are no settings, or no worker had a turn. */
export const lateMails = (db: System, now: Date): Promise<Pick<MailsRow, 'id' | 'view' | 'why'>[]> =>
  db('mails')
    .select('id', 'view', 'why')
    .whereNull('outcome')
    .where('give_up_at', '<=', now)
    .where('attempt_at', '<=', now)
    .forUpdate()
    .skipLocked()

export const deleteEndedBefore = (db: System, before: Date): Promise<number> =>
  db('mails').where('ended_at', '<', before).delete()

export const eraseEndedBefore = (db: System, before: Date): Promise<number> =>
  db('mails').where('ended_at', '<', before).whereNotNull('content_sealed').update({ content_sealed: null })
