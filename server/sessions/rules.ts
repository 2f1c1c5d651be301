const minute = 60_000
const day = 24 * 60 * minute

/** A session ends when it was not used for a week, and after a month in any case (SE-04). */
export const idleMs = 7 * day
export const longestMs = 30 * day

/** Who was not seen since is over, whatever a team asks. */
export const seenAfter = (now: Date): Date => new Date(now.getTime() - idleMs)

/** What the panel (no team) or a team asks of sessions; null where it asks for no more than the panel's own limits. */
export interface SessionRule {
  readonly teamId: string | null
  readonly requiresFactor: boolean
  readonly idleMinutes: number | null
  readonly longestHours: number | null
}

/** Of all rules that somebody is under, the strictest holds. */
export function limitsOf(rules: readonly SessionRule[]): { idleMs: number; longestMs: number } {
  const strictest = (own: number, unitMs: number, asked: readonly (number | null)[]) =>
    Math.min(own, ...asked.flatMap((value) => (value === null ? [] : [value * unitMs])))
  return {
    idleMs: strictest(
      idleMs,
      minute,
      rules.map((rule) => rule.idleMinutes),
    ),
    longestMs: strictest(
      longestMs,
      60 * minute,
      rules.map((rule) => rule.longestHours),
    ),
  }
}

/** Whether a session has ended by itself (SE-04). */
export function isOver(session: { created_at: Date; last_seen_at: Date }, rules: readonly SessionRule[], now: Date) {
  const limits = limitsOf(rules)
  return (
    now.getTime() - session.last_seen_at.getTime() >= limits.idleMs ||
    now.getTime() - session.created_at.getTime() >= limits.longestMs
  )
}

/** Where a second factor is required of somebody; nowhere of whoever has one. */
export const shutOf = (rules: readonly SessionRule[], hasFactor: boolean): { everywhere: boolean; teams: string[] } => {
  const asking = hasFactor ? [] : rules.filter((rule) => rule.requiresFactor)
  return {
    everywhere: asking.some(({ teamId }) => teamId === null),
    teams: asking.flatMap(({ teamId }) => (teamId === null ? [] : [teamId])),
  }
}

/** For so long the second factor may be looked for after the password. */
export const halfMs = 10 * minute

/** Writing "last seen" on each request would make every page a write. */
export const seenEveryMs = minute

/** Failed sign-ins in a window, per account and per address. Ten guesses find nothing; ten slips happen to nobody. */
export const attempts = { windowMs: 15 * minute, perAccount: 10, perAddress: 30, overall: 1000 } as const

/** What ends in a mail, in a window, to one account and from one address: nobody's mailbox is to be filled from here. */
export const mailRequests = {
  what: 'mail',
  windowMs: 60 * minute,
  perThing: 5,
  perAddress: 20,
  hint: 'Look among unwanted mail for the ones that were sent, or wait an hour and try again.',
} as const
/**
 * Wrong codes of a second factor, for a person, wherever they come from: of a million codes three are right at a time, so
 * whoever has the password needs years at this pace.
 */
export const factorAttempts = [
  { name: 'factor', windowMs: 15 * minute, most: 5 },
  { name: 'factor-day', windowMs: day, most: 20 },
] as const

/** Challenges for passkeys of visitors, for an address: each is a row. */
export const passkeyAttempts = { windowMs: 15 * minute, perAddress: 100 } as const

/** Answers of SAML providers that were not believed, from an address: each is parsed, and its signature looked for. */
export const samlAttempts = { windowMs: 15 * minute, perAddress: 100 } as const

const ways = {
  password: 'Password',
  passkey: 'Passkey',
  oidc: 'Single sign-on',
  saml: 'Single sign-on',
  github: 'GitHub',
  google: 'Google',
  'recovery-code': 'Password and recovery code',
} as const

/** How a session was begun, in words. */
export const howOf = (session: { begun_by: keyof typeof ways; factor_proved_at: Date | null }): string =>
  session.begun_by === 'password' && session.factor_proved_at !== null
    ? 'Password and second factor'
    : ways[session.begun_by]

/** The cookie that a browser is known by; browsers keep none longer than 400 days. */
export const browserLastsMs = 365 * day

/** Whoever has the password could fill the mailbox with these; after so many in a day their owner knows. */
export const mostToldOf = 5

/** Not of the browser that somebody signs up with, nor of the sixth in a day. `others`: when theirs were seen first, the newest first. */
export function isToldOf({
  personSince,
  others,
  now,
}: {
  personSince: Date
  others: readonly Date[]
  now: Date
}): boolean {
  const ago = (time: Date) => now.getTime() - time.getTime()
  if (others.length === 0 && ago(personSince) < 60 * minute) return false
  const oldest = others[mostToldOf - 1]
  return oldest === undefined || ago(oldest) >= day
}

/** `Firefox on Linux`: enough to recognise one's own browser by. Browsers claim to be one another, so the order counts. */
export function browserName(userAgent: string | null): string {
  const text = userAgent ?? ''
  const browser = browsers.find(([sign]) => text.includes(sign))?.[1]
  const system = systems.find(([sign]) => text.includes(sign))?.[1]
  if (!browser) return text.split(/[\s/]/)[0]?.slice(0, 40) || 'Unknown'
  return system ? `${browser} on ${system}` : browser
}

const browsers = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const

const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const
