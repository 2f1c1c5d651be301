import type { z } from 'zod'
import { refusalOf } from '../../git/hosts/answers.js'
import type { ApiCall } from '../../git/hosts/api.js'
import { gitHosts } from '../../git/hosts/hosts.js'
import { UserError } from '../../platform/errors.js'
import { OutboundFault } from '../../platform/outbound/fault.js'
import { jsonOf } from '../../platform/outbound/json.js'
import type { OutboundAnswer } from '../../platform/outbound/outbound.js'
import type { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'
import { appToken } from './app-token.js'
import type { App } from './queries.js'

export interface Asked {
  readonly apiUrl: string
  /** Left out for the one question that is asked before there is an app. */
  readonly token?: Secret
  readonly call: ApiCall
  readonly signal?: AbortSignal
}

/** Any answer is an answer. @throws UserError 502 where GitHub cannot be reached */
export async function ask({ outbound }: Services, { apiUrl, token, call, signal }: Asked): Promise<OutboundAnswer> {
  try {
    return await outbound.send({
      method: call.method,
      url: `${apiUrl}${call.path}`,
      headers: {
        ...(token ? gitHosts.github.api.headers(token) : { accept: 'application/vnd.github+json' }),
        ...(call.body ? { 'content-type': 'application/json' } : {}),
      },
      ...(call.body ? { body: JSON.stringify(call.body) } : {}),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error
    throw new UserError(502, error.message, 'Try again in a while.', { cause: error })
  }
}

/** As the app itself, which may ask about its installations and for their tokens. */
export const askAsApp = (services: Services, app: App, call: ApiCall, signal?: AbortSignal): Promise<OutboundAnswer> =>
  ask(services, {
    apiUrl: app.api_url,
    token: appToken(app.app_id, services.vault.open(app.private_key_sealed, keyPlace(app.id)), services.clock()),
    call,
    ...(signal && { signal }),
  })

export const keyPlace = (id: string) => ({ table: 'github_apps', id, column: 'private_key_sealed' })

/** What a good answer says. @throws UserError 502 for any other */
export function read<Schema extends z.ZodType>(
  answer: OutboundAnswer,
  schema: Schema,
  asked: string,
): z.output<Schema> {
  if (answer.status < 200 || answer.status >= 300) throw refusal(answer, asked)
  const { data } = schema.safeParse(jsonOf(answer))
  if (data === undefined)
    throw new UserError(502, `GitHub’s answer about ${asked} cannot be read`, 'Try again in a while.')
  return data
}

/** In our words: GitHub's own are another's text. */
export function refusal(answer: OutboundAnswer, asked: string): UserError {
  const refused = (message: string, hint: string) => new UserError(502, message, hint)
  if (answer.status === 422)
    return refused(
      `GitHub does not give the app ${asked}`,
      'Its permissions may have changed there. Look at the app’s installation.',
    )
  switch (refusalOf(answer)) {
    case 'no-token':
      return refused(
        'GitHub does not accept the key of the app',
        'It was deleted there, or has another key. Forget it here and connect GitHub anew.',
      )
    case 'too-many-requests':
      return refused('GitHub takes no more requests for now', 'It is asked again later.')
    case 'no-right':
      return refused(`GitHub does not let the app ask for ${asked}`, 'The installation may be suspended there.')
    case 'not-there':
      return refused(`GitHub knows nothing of ${asked}`, 'The app may have been uninstalled there.')
    default:
      return refused(`GitHub answered ${answer.status} about ${asked}`, 'Try again in a while.')
  }
}
