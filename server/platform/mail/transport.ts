import { type Outcome, outcomeOf, type SmtpFault } from './rules.js'
import type { MailAddress, MailServer, MailSettings } from './settings.js'

/** One mail, as it goes out. */
export interface Message {
  /** The same in each attempt: a mail that comes twice is recognised by it. */
  readonly id: string
  readonly to: string
  readonly replyTo: MailAddress | null
  readonly subject: string
  readonly text: string
  readonly html: string
}

/**
 * Hands one mail to the server and says what came of it; rejects only when `signal` ends it. However slow the server is,
 * it ends by itself after `patienceMs`.
 */
export async function post(
  { server, from }: MailSettings,
  message: Message,
  { signal, patienceMs }: { signal: AbortSignal; patienceMs: number },
): Promise<Outcome> {
  // Most processes send no mail, and their start need not wait for it.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    ...connection(server),
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    dnsTimeout: patienceMs,
    // What it sends is texts alone: a path or an address in one is never read.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const isLate = AbortSignal.timeout(patienceMs)
  try {
    const { response } = await transport.sendMail({
      ...letter(message, from),
      signal: AbortSignal.any([signal, isLate]),
    })
    return { kind: 'sent', response }
  } catch (error) {
    signal.throwIfAborted()
    return outcomeOf(isLate.aborted ? { ...nothing, code: 'ETIMEDOUT' } : faultOf(error), server)
  } finally {
    transport.close()
  }
}

const connection = ({ host, port, tls, user, password }: MailServer) => ({
  host,
  port,
  secure: tls === 'from the start',
  requireTLS: tls === 'required',
  ignoreTLS: tls === 'none',
  ...(user !== null && { auth: { user, pass: password?.reveal() ?? '' } }),
})

/** Whom it goes to is said apart from its headers, so that nothing in a header can add somebody. */
const letter = ({ id, to, replyTo, subject, text, html }: Message, from: MailAddress) => ({
  messageId: `<${id}@${from.address.split('@')[1]}>`,
  from,
  to: { name: '', address: to },
  ...(replyTo && { replyTo }),
  envelope: { from: from.address, to: [to] },
  subject,
  text,
  html,
  // No out-of-office answers (RFC 3834).
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
})

const nothing: Omit<SmtpFault, 'code'> = { status: undefined, response: '' }

/** Its own words hold what the server said, and for a fault of the connection what the system said. */
function faultOf(error: unknown): SmtpFault {
  const { code, responseCode, response, message } = error as Partial<Record<string, unknown>> // `as`: read with care below
  if (typeof code !== 'string') throw error
  return {
    code,
    status: typeof responseCode === 'number' ? responseCode : undefined,
    response: typeof response === 'string' ? response : String(message ?? ''),
  }
}
