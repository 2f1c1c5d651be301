/** When people are told of the end of a certificate, and what its makers say in words. */

const day = 24 * 3600_000

/** R38: each is told once. */
const warnings = [1, 7, 21] as const

/**
 * The warning that is due, in days; null when none is, or a later one was told already. Those that live for days only would be "about to
 * end" all their life, so only what is short for them is told.
 */
export function dueWarning(
  certificate: { beginsAt: Date; endsAt: Date; toldDays: number | null },
  now: Date,
): number | null {
  const leftMs = certificate.endsAt.getTime() - now.getTime()
  const lifeMs = certificate.endsAt.getTime() - certificate.beginsAt.getTime()
  const due = warnings.find((days) => leftMs <= days * day && lifeMs > 2 * days * day)
  if (due === undefined) return null
  return certificate.toldDays === null || certificate.toldDays > due ? due : null
}

/** Soon while there is none, or while its end is near; else once an hour. A server that is away is not asked each minute. */
export function nextLook({ endsAt, isAway }: { endsAt: Date | null; isAway: boolean }, now: Date): Date {
  const isFine = endsAt !== null && endsAt.getTime() - now.getTime() > day
  return new Date(now.getTime() + (isAway ? 10 : isFine ? 60 : 1) * 60_000)
}

export interface Failure {
  message: string
  hint: string
}

/** What Caddy wrote last of failing to get one for the name; null when it wrote nothing of that since `since`. */
export function lastFailure(log: string, name: string, since: Date | null): Failure | null {
  for (const line of log.split('\n').reverse()) {
    const entry = parse(line)
    if (entry === null || entry.identifier !== name) continue
    if (since !== null && entry.ts * 1000 < since.getTime()) return null
    if (entry.error) return explain(entry.error)
  }
  return null
}

interface Entry {
  ts: number
  identifier: string
  error: string
}

function parse(line: string): Entry | null {
  try {
    const { ts, identifier, error } = JSON.parse(line) as Record<string, unknown>
    const isWhole = typeof ts === 'number' && typeof identifier === 'string' && typeof error === 'string'
    return isWhole ? { ts, identifier, error } : null
  } catch {
    // The first line may be cut, and Caddy may be writing the last one.
    return null
  }
}

const causes: readonly [RegExp, string, string][] = [
  [
    /rateLimited/i,
    'Too many certificates were asked for',
    'It is tried again by itself. Until then wait: each try counts.',
  ],
  [/:caa\b/i, 'A CAA record forbids it', 'Allow the issuer in the CAA records of the domain, or remove them.'],
  [
    /NXDOMAIN|:dns\b|could not resolve/i,
    'The name was not found in DNS by who makes certificates',
    'Set the records above. A new name can take some minutes to be seen everywhere.',
  ],
  [
    /:connection\b/i,
    'The server could not be reached from outside',
    'Open ports 80 and 443 in the firewall, and look at where the records lead.',
  ],
  [
    /:unauthorized\b|invalid response/i,
    'Another machine than this server answered',
    'Look for a second A or AAAA record, and for a proxy in front.',
  ],
  [
    /dial tcp|no such host|x509/i,
    'Who makes certificates could not be reached',
    'The server has to reach it over HTTPS. The operator sets which one it is.',
  ],
]

export function explain(error: string): Failure {
  const plain = error.replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ').slice(0, 300)
  const known = causes.find(([pattern]) => pattern.test(error))
  return known
    ? { message: known[1], hint: `${known[2]} It was said: ${plain}` }
    : { message: 'Caddy could not get a certificate', hint: `It is tried again by itself. It was said: ${plain}` }
}
