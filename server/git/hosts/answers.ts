import type { OutboundAnswer } from '../../platform/outbound/outbound.js'

/** What came of telling a host. */
export type Outcome =
  | { readonly kind: 'sent' }
  /** `until`: the host itself said when. `isLasting`: a person has to do something, but may do so in time. */
  | {
      readonly kind: 'later'
      readonly why: string
      readonly until?: Date
      readonly isLasting?: boolean
      /** Another one is to be asked for. */
      readonly isTokenOver?: boolean
    }
  | { readonly kind: 'given-up'; readonly why: string }

interface Asked {
  readonly host: string
  readonly repository: string
  /** What it was to be told of. */
  readonly about: string
  /** Whose token it is. */
  readonly by: 'person' | 'app'
  /** The right that this request needs, where the host names several. */
  readonly right: string
}

/** What it means that an answer is none; everybody says it in the words of what was asked. */
export type Refusal = 'too-many-requests' | 'failing' | 'no-token' | 'no-right' | 'not-there' | 'moved' | 'not-taken'

/** Null where it is an answer. */
export function refusalOf({ status, header }: Pick<OutboundAnswer, 'status' | 'header'>): Refusal | null {
  if (status >= 200 && status < 300) return null
  if (status === 429 || (status === 403 && (header('retry-after') !== undefined || remaining(header) === '0')))
    return 'too-many-requests'
  if (status >= 500 || status === 408) return 'failing'
  if (status >= 300 && status < 400) return 'moved'
  return ({ 401: 'no-token', 403: 'no-right', 404: 'not-there' } as const)[status] ?? 'not-taken'
}

/** The host's own words are left out: they are another's text, and often in another's language. */
export function outcomeOf(answer: OutboundAnswer, asked: Asked, now: Date): Outcome {
  const { host, repository, right } = asked
  const who = asked.by === 'app' ? 'app' : 'token'
  const until = waitUntil(answer, now)
  const later = (why: string): Outcome => ({ kind: 'later', why, ...(until && { until }) })
  const lasting = (why: string): Outcome => ({ kind: 'later', why, isLasting: true })
  switch (refusalOf(answer)) {
    case null:
      return { kind: 'sent' }
    case 'too-many-requests':
      return later(`${host} takes no more requests for now`)
    case 'failing':
      return later(`${host} answered ${answer.status}`)
    case 'no-token':
      return asked.by === 'app'
        ? tokenIsOver(host)
        : lasting(`${host} does not accept the token: it has expired or was revoked. Give the connection a new one`)
    case 'no-right':
      return lasting(`The ${who} may not do this in ${repository}. It needs the right “${right}”`)
    case 'not-there':
      return lasting(`${host} shows the ${who} no repository ${repository}, or it lacks the right “${right}”`)
    case 'moved':
      return lasting(`${host} leads elsewhere: the repository may have been renamed. Connect it under its new address`)
    case 'not-taken':
      return { kind: 'given-up', why: `${host} did not take it for ${asked.about} (${answer.status})` }
  }
}

const tokenIsOver = (host: string): Outcome => ({
  kind: 'later',
  why: `${host} took the token of the app back`,
  isTokenOver: true,
})

const longestWaitMs = 6 * 3600_000

/** When the host wants to be asked again, of the headers that the hosts send; never later than in six hours. */
function waitUntil(answer: OutboundAnswer, now: Date): Date | undefined {
  const wanted = afterMs(answer.header('retry-after'), now) ?? resetMs(answer, now)
  if (wanted === undefined) return undefined
  return new Date(now.getTime() + Math.min(Math.max(wanted, 1000), longestWaitMs))
}

/** RFC 9110: seconds, or a date. */
function afterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : at - now.getTime()
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api; GitLab's are called without the x. */
function resetMs(answer: OutboundAnswer, now: Date): number | undefined {
  const reset = answer.header('x-ratelimit-reset') ?? answer.header('ratelimit-reset')
  return remaining(answer.header) === '0' && reset !== undefined && /^\d{1,11}$/.test(reset)
    ? Number(reset) * 1000 - now.getTime()
    : undefined
}

const remaining = (header: OutboundAnswer['header']): string | undefined =>
  header('x-ratelimit-remaining') ?? header('ratelimit-remaining')
