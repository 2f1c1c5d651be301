import { refusalOf } from '../git/hosts/answers.js'
import { UserError } from '../platform/errors.js'
import type { OutboundAnswer } from '../platform/outbound/outbound.js'

/** Why a host told no repositories, in our words: the host's own are another's text. */
export function refusedList(answer: OutboundAnswer, { host, right }: { host: string; right: string }): UserError {
  const refused = (message: string, hint?: string) => new UserError(502, message, hint)
  // https://docs.gitlab.com/api/rest/#offset-based-pagination: more than 50,000 are not counted through.
  if (answer.status === 405) return refused(`${host} lists no further`, 'Search for the name')
  switch (refusalOf(answer)) {
    case 'too-many-requests':
      return refused(`${host} takes no more requests for now`, 'Try again in a minute')
    case 'no-token':
      return refused(
        `${host} does not accept the token: it has expired or was revoked`,
        'Give the connection a new one',
      )
    case 'no-right':
      return refused(`The token may not list repositories at ${host}`, `It needs the right “${right}”`)
    case 'not-there':
      return refused(
        `${host} has no list of repositories at the address of its API`,
        'Look at that address on the connection’s page',
      )
    case 'moved':
      return refused(`The API of ${host} has moved`, 'Give its new address with the token, on the connection’s page')
    default:
      return refused(`${host} answered ${answer.status}`, 'Try again in a while')
  }
}
