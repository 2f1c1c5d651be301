/** What is not sent by then is not sent any more. */
export const giveUpMs = 24 * 3600_000

/** Whoever sends one has so long; then another does. Longer than an attempt may take. */
export const claimMs = 3 * 60_000

/** One attempt, from looking up the server to its last word. */
export const patienceMs = 60_000

/** What was sent is listed so long. */
export const keptDays = 30

/** What was given up can be tried again so long; then what it says is gone. */
export const contentKeptDays = 7

/** After the n-th attempt: 15, 30, 60 seconds, up to ten minutes, so that nobody waits long once the server is back. */
export const retryAfterMs = (attempts: number): number => Math.min(15_000 * 2 ** Math.max(0, attempts - 1), 10 * 60_000)

/** What became of an attempt. */
export type Outcome =
  | { readonly kind: 'sent'; readonly response: string }
  /** `isOfServer`: no other mail could be handed over either. */
  | { readonly kind: 'later'; readonly why: string; readonly isOfServer: boolean }
  | { readonly kind: 'given-up'; readonly why: string }

export interface SmtpFault {
  readonly code: string
  /** What the server said, where it said anything. */
  readonly status: number | undefined
  readonly response: string
}

/**
 * A server that refuses this mail for good (5xx to its sender, its recipient or its text) is not asked again. All else may
 * pass, also a wrong password: whoever runs the panel mends it, and then nothing is lost.
 */
export function outcomeOf({ code, status, response }: SmtpFault, server: { host: string; port: number }): Outcome {
  const name = `${server.host}:${server.port}`
  const said = response === '' ? '' : `: ${withoutLinks(oneLine(response, 300))}`
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    const isFinal = status === undefined || (status >= 500 && status !== 503)
    if (isFinal) return { kind: 'given-up', why: `${name} refused it${said}` }
    return { kind: 'later', why: `${name} does not take it now${said}`, isOfServer: false }
  }
  return { kind: 'later', why: `${faults[code] ?? 'Something went wrong with'} ${name}${said}`, isOfServer: true }
}

const faults: Readonly<Record<string, string>> = {
  EAUTH: 'The user or password of HOSTLER_SMTP_URL is not taken by',
  ETLS: 'There is no TLS to be had with',
  EDNS: 'There is no address to be found for',
  ESOCKET: 'Nothing answers at',
  ECONNECTION: 'The connection was closed by',
  ETIMEDOUT: 'There was no answer in time from',
  EPROTOCOL: 'No mail is taken now by',
}

/** In a header a second line would be a header of its own. */
export function oneLine(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\s]+/gu, ' ').trim()
  const letters = [...line]
  return letters.length <= most
    ? line
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
}

/** Servers that refuse a mail quote it, and links in it let people in. */
const withoutLinks = (text: string): string => text.replace(/\bhttps?:\S+|\b[\w-]{32,}/gi, '…')
