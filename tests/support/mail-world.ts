import { createMail } from '../../server/platform/mail/mail.js'
import { sendDue } from '../../server/platform/mail/outbox.js'
import { readMailAddress, readMailServer } from '../../server/platform/mail/settings.js'
import type { Services } from '../../server/platform/services.js'
import { type MailSink, type SunkMail, startMailSink } from './mail-sink.js'
import { type World, world } from './people.js'

/** The people of the tests, on a panel that sends mail. */
export interface MailWorld extends World {
  readonly sink: MailSink
  /** Sends all that waits, and says what came of it, the oldest first. */
  deliver(): Promise<readonly SunkMail[]>
  /** Of the newest mail that was sent: its only link. */
  link(): URL
}

interface Wanted {
  url?: string
  patienceMs?: number
  /** The machine's own where another real party looks at the time. */
  clock?: () => Date
}

export async function mailWorld({ url, patienceMs, clock }: Wanted = {}): Promise<MailWorld> {
  const sink = await startMailSink()
  const w = await world(clock && { clock })
  setMail(w.services, url ?? sink.url, patienceMs)
  const { reset, close } = w
  return Object.assign(w, {
    sink,
    deliver: async () => {
      await sendDue(w.services, new AbortController().signal)
      return sink.mails
    },
    link: () => linkIn(sink.mails.at(-1)),
    reset: async () => {
      await reset()
      await w.test.query('truncate mails')
      Object.assign(sink, { answer: {}, connections: 0 })
      sink.mails.length = 0
    },
    close: async () => {
      await sink.close()
      await close()
    },
  })
}

/** Has these services send mail there. */
export function setMail(services: Services, url: string, patienceMs = 5000): void {
  const mail = { server: readMailServer(url), from: readMailAddress('Hostler <panel@example.com>') }
  const config = { ...services.config, mail }
  // They are this test's own; as the start puts them together.
  Object.assign(services, { config, mail: createMail({ ...services, config }, { patienceMs }) })
}

export function linkIn(mail: SunkMail | undefined): URL {
  const [link, ...more] = mail?.email.text?.match(/https?:\S+/g) ?? []
  if (!link || more.length > 0) throw new Error(`One link is expected in: ${mail?.email.text}`)
  return new URL(link)
}
