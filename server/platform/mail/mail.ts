import type { TransactionOf } from '../db/doors.js'
import { createMailViews, type MailViews } from '../http/mail-views.js'
import { newId } from '../ids.js'
import { makeBell } from '../queue/bell.js'
import { Secret } from '../secret.js'
import type { Services } from '../services.js'
import type { Place } from '../vault/vault.js'
import { sendMails } from './jobs.js'
import * as queries from './queries.js'
import { giveUpMs, type Outcome, oneLine, patienceMs } from './rules.js'
import { isMailAddress, type MailAddress, type MailSettings } from './settings.js'
import { type Message, post } from './transport.js'

/**
 * Mail to people. What is to be sent is a row, written in the transaction that it tells of; a job hands the rows over,
 * and the queue is only the doorbell. A mail may come twice, with the same Message-ID, and never gets lost.
 */
export interface Mail {
  /** False: whoever runs this panel has said no way to send any. Pages that would have sent one say so. */
  readonly isSet: boolean
  /** Writes one down in the caller's transaction. Throws for what is not exactly one address. */
  sendMail(db: TransactionOf<'identity'> | TransactionOf<'system'>, mail: NewMail, now: Date): Promise<void>
  /** Hands one over at once and writes nothing down. Throws where there are no settings. */
  sendNow(mail: NewMail, signal: AbortSignal): Promise<Outcome>
  /** For the job alone. */
  post(message: Message, signal: AbortSignal): Promise<Outcome>
}

export interface NewMail {
  readonly to: string
  /** Of `views/mail/`, without its ending. */
  readonly view: string
  /** What the view shows. Links that let people in may be among it, but not in the subject, which is kept. */
  readonly data: Readonly<Record<string, unknown>>
  /** Two mails with one key are one. */
  readonly key?: string
  readonly replyTo?: MailAddress
}

type Doors = Pick<Services, 'config' | 'vault' | 'queue' | 'log'>

export function createMail(doors: Doors, options: { readonly patienceMs?: number } = {}): Mail {
  const { config } = doors
  const views = createMailViews(config.isProduction)
  const ring = makeBell(doors, sendMails)
  const settings = config.mail ?? null
  const hand = (to: MailSettings, message: Message, signal: AbortSignal) =>
    post(to, message, { signal, patienceMs: options.patienceMs ?? patienceMs })

  return {
    isSet: settings !== null,
    async sendMail(db, mail, now) {
      const message = compose(views, config.baseUrl, mail)
      await queries.insertMail(db, {
        id: message.id,
        key: mail.key ?? null,
        view: mail.view,
        recipient: message.to,
        subject: message.subject,
        content_sealed: seal(doors, message),
        created_at: now,
        attempt_at: now,
        give_up_at: new Date(now.getTime() + giveUpMs),
      })
      // It rings twice, and the second time this is committed.
      if (settings) ring()
    },
    sendNow: (mail, signal) => hand(orThrow(settings), compose(views, config.baseUrl, mail), signal),
    post: (message, signal) => hand(orThrow(settings), message, signal),
  }
}

function orThrow(settings: MailSettings | null): MailSettings {
  if (!settings) throw new Error('There are no settings for mail')
  return settings
}

function compose(views: MailViews, baseUrl: URL, { to, view, data, replyTo }: NewMail): Message {
  if (!isMailAddress(to)) throw new Error('A mail goes to one address')
  if (replyTo && !isMailAddress(replyTo.address)) throw new Error('A mail is answered to one address')
  const { subject, text, html } = views.render(view, { ...data, panel: baseUrl.host })
  return {
    id: newId(),
    to,
    replyTo: replyTo ? { ...replyTo, name: oneLine(replyTo.name, 80) } : null,
    subject: oneLine(subject, 150),
    text: `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`,
    html,
  }
}

type Content = Pick<Message, 'replyTo' | 'text' | 'html'>

function seal({ vault }: Pick<Services, 'vault'>, { id, replyTo, text, html }: Message): string {
  return vault.seal(new Secret(JSON.stringify({ replyTo, text, html } satisfies Content)), contentPlace(id))
}

/** What `sendMail` sealed. */
export const openContent = ({ vault }: Pick<Services, 'vault'>, id: string, sealed: string): Content =>
  JSON.parse(vault.open(sealed, contentPlace(id)).reveal())

const contentPlace = (id: string): Place => ({ table: 'mails', id, column: 'content' })
