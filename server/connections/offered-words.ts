import { UserError } from '../platform/errors.js'
import type { OutboundAnswer } from '../platform/outbound/outbound.js'

/** Why a host told no repositories, in our words: the host's own are another's text. */
export function refusedList(
  { status, header }: Pick<OutboundAnswer, 'status' | 'header'>,
  { host, right }: { host: string; right: string },
): UserError {
  const refused = (message: string, hint?: string) => new UserError(502, message, hint)
  if (status === 429 || (status === 403 && isLimited(header)))
    return refused(`${host} takes no more requests for now`, 'Try again in a minute')
  switch (status) {
    case 401:
      return refused(
        `${host} does not accept the token: it has expired or was revoked`,
        'Give the connection a new one',
      )
    case 403:
      return refused(`The token may not list repositories at ${host}`, `It needs the right “${right}”`)
    case 404:
      return refused(
        `${host} has no list of repositories at the address of its API`,
        'Look at that address on the connection’s page',
      )
    // https://docs.gitlab.com/api/rest/#offset-based-pagination: more than 50,000 are not counted through.
    case 405:
      return refused(`${host} lists no further`, 'Search for the name')
  }
  if (status >= 300 && status < 400)
    return refused(`The API of ${host} has moved`, 'Give its new address with the token, on the connection’s page')
  return refused(`${host} answered ${status}`, 'Try again in a while')
}

const isLimited = (header: OutboundAnswer['header']): boolean =>
  header('retry-after') !== undefined || (header('x-ratelimit-remaining') ?? header('ratelimit-remaining')) === '0'
