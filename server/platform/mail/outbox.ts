import { type Actor, hostler } from '../access/ctx.js'
import type { TransactionOf } from '../db/doors.js'
import type { MailsRow } from '../db/tables.js'
import { conflict, notFound } from '../errors.js'
import { appendOutsideTeams } from '../events/append.js'
import type { Services } from '../services.js'
import { sendMails } from './jobs.js'
import { openContent } from './mail.js'
import * as queries from './queries.js'
import { claimMs, contentKeptDays, giveUpMs, keptDays, type Outcome, retryAfterMs } from './rules.js'

/** So many are handed over at once: mail servers let nobody have many connections. */
const atOnce = 4

/**
 * Hands over all mail that is due. Each is taken first, so two workers never send the same at once; one that dies with it
 * in hand leaves it to be sent again. Where the server takes none, the rest is left for the next round.
 */
export async function sendDue(services: Services, signal: AbortSignal): Promise<void> {
  if (services.mail.isSet) {
    let isAway = false
    const sendNext = async (): Promise<void> => {
      while (!signal.aborted && !isAway) {
        const row = await takeDue(services)
        if (!row) return
        isAway = (await sendTaken(services, row, signal)) || isAway
      }
    }
    await Promise.all(Array.from({ length: atOnce }, sendNext))
  }
  await giveUpLate(services)
}

/** Erases what can no longer be sent, and forgets what was. */
export const forgetOldMails = (services: Services): Promise<void> =>
  services.db.asSystem(async (db) => {
    const before = (days: number) => new Date(services.clock().getTime() - days * 24 * 3600_000)
    await queries.eraseEndedBefore(db, before(contentKeptDays))
    await queries.deleteEndedBefore(db, before(keptDays))
  })

/** Has one tried again now, for a day. Throws 404 for none, 409 for one that was sent or whose content is gone. */
export async function retry(
  { db: doors, clock, queue, log }: Services,
  { actor, address }: { actor: Actor; address: string | null },
  id: string,
): Promise<void> {
  const now = clock()
  await doors.asSystem(async (db) => {
    if (!(await queries.makeDue(db, id, now, new Date(now.getTime() + giveUpMs)))) {
      if (await queries.hasMail(db, id))
        throw conflict('This mail cannot be sent again', 'It was sent, or what it said is gone.')
      throw notFound('mail')
    }
    await appendOutsideTeams(db, actor, { type: 'mail.retried', subject: { kind: 'mail', id }, address }, now)
  })
  queue.enqueue(sendMails, {}).catch((error) => log.warn({ err: error }, 'could not ring'))
}

export const takeDue = (services: Services): Promise<MailsRow | undefined> => {
  const now = services.clock()
  return services.db.asSystem((db) => queries.claimDue(db, now, new Date(now.getTime() + claimMs)))
}

/** True when no other mail could be sent either. */
async function sendTaken(services: Services, row: MailsRow, signal: AbortSignal): Promise<boolean> {
  const outcome = await hand(services, row, signal).catch((error): Outcome => {
    if (signal.aborted) throw error
    services.log.error({ err: error, mail: row.id }, 'could not send')
    return { kind: 'later', why: 'Something went wrong in this panel; its log says what', isOfServer: false }
  })
  await services.db.asSystem((db) => record(services, db, row, outcome))
  return outcome.kind === 'later' && outcome.isOfServer
}

async function hand(services: Services, row: MailsRow, signal: AbortSignal): Promise<Outcome> {
  if (row.content_sealed === null) return { kind: 'given-up', why: 'What it said is gone' }
  const content = openContent(services, row.id, row.content_sealed)
  return services.mail.post({ id: row.id, to: row.recipient, subject: row.subject, ...content }, signal)
}

async function record(services: Services, db: TransactionOf<'system'>, row: MailsRow, outcome: Outcome): Promise<void> {
  const now = services.clock()
  if (outcome.kind === 'sent') return void (await queries.recordSent(db, row.id, now))
  if (outcome.kind === 'given-up') return giveUp(services, db, row, outcome.why)
  if (now >= row.give_up_at) return giveUp(services, db, row, `${outcome.why}. It was tried for a day`)
  await queries.postpone(db, row.id, new Date(now.getTime() + retryAfterMs(row.attempts)), outcome.why)
}

const giveUpLate = (services: Services): Promise<void> =>
  services.db.asSystem(async (db) => {
    const why = services.mail.isSet ? null : 'This panel has no settings for mail'
    for (const row of await queries.lateMails(db, services.clock()))
      await giveUp(services, db, row, why ?? row.why ?? 'It was not sent within a day')
  })

/** Loudly: in the log, in the record, and on the operator's page. */
async function giveUp(
  { clock, log }: Services,
  db: TransactionOf<'system'>,
  { id, view }: Pick<MailsRow, 'id' | 'view'>,
  why: string,
): Promise<void> {
  if (!(await queries.recordGivenUp(db, id, why, clock()))) return
  log.error({ mail: id, view, why }, 'mail given up')
  const subject = { kind: 'mail', id }
  await appendOutsideTeams(db, hostler, { type: 'mail.given-up', subject, data: { view, why } }, clock())
}
