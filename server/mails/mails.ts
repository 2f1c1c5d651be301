import type { PersonCtx } from '../platform/access/ctx.js'
import { notFound } from '../platform/errors.js'
import { isId } from '../platform/ids.js'
import { retry } from '../platform/mail/outbox.js'
import * as queries from './queries.js'
import { mostListed, whyNoRetry } from './rules.js'

/** For the operator: the newest mails with what came of each, and never what they say. */
export async function listMails(ctx: PersonCtx) {
  const rows = await ctx.services.db.asOperator((db) => queries.newestMails(db, mostListed))
  return {
    sendsMail: ctx.services.mail.isSet,
    mails: rows.map((row) => ({
      id: row.id,
      to: row.recipient,
      subject: row.subject,
      createdAt: row.created_at,
      state: row.outcome ?? 'waiting',
      endedAt: row.ended_at,
      attempts: row.attempts,
      attemptAt: row.attempt_at,
      why: row.why,
      whyNoRetry: whyNoRetry(row),
    })),
  }
}

/** Sends one again now that was given up, or that waits for its next turn. Throws 404 for none, 409 when it cannot be. */
export async function retryMail(ctx: PersonCtx, id: string): Promise<void> {
  if (!isId(id)) throw notFound('mail')
  await retry(ctx.services, ctx, id)
}
