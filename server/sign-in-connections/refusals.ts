import { hostler, type VisitorCtx } from '../platform/access/ctx.js'
import { UserError } from '../platform/errors.js'
import { noteRefusal } from '../platform/events/refusals.js'
import type { PublicConnection } from './queries.js'
import { type Reason, Refused } from './rules.js'

/** A sign-in that came to nothing is told to the team, and one answer to who tried: the cause stays with us. */
export async function recordingRefusal<T>(
  ctx: VisitorCtx,
  connection: PublicConnection,
  ip: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    ctx.services.log.info({ connection: connection.id, reason: error.reason, detail: error.detail }, 'sign-in refused')
    await record(ctx, connection, ip, error)
    const [status, message, hint] = wordsFor(error.reason, connection)
    throw new UserError(status, message, hint, { cause: error })
  }
}

const record = (ctx: VisitorCtx, connection: PublicConnection, address: string, { reason, detail }: Refused) => {
  const subject = { kind: 'sign-in-connection', id: connection.id, name: connection.name }
  const data = { refusal: reason, detail }
  const event = { type: 'sign-in-connection.refused', subject, data, address } as const
  return noteRefusal(ctx.services, { teamId: connection.team_id, actor: hostler, event, about: reason })
}

function wordsFor(reason: Reason, { name, team_name: team }: PublicConnection): [number, string, string] {
  switch (reason) {
    case 'not-begun-here':
      return [
        403,
        'This is not the end of a sign-in that you began in this browser within the last ten minutes',
        'Begin again, in one browser and with cookies on.',
      ]
    case 'stopped-there':
      return [403, `${name} did not sign you in`, 'Begin again, or ask whoever runs it whether you may use Hostler.']
    case 'not-proven':
      return [403, `What ${name} said of you could not be checked`, 'Begin again. If it stays so, ask whoever runs it.']
    case 'unreachable':
      return [502, `${name} cannot be reached now`, 'Try again in a while.']
    case 'account-exists':
      return [
        403,
        'Your address has an account here already, which was not made by this sign-in',
        `Sign in as you did before, then open this sign-in once more to link ${name} to it.`,
      ]
    case 'given-more':
      return [
        403,
        'Your account here has been given more than this sign-in gives to newcomers',
        `Choose a password by the link that you have forgotten it, sign in, then open this sign-in to link ${name} to it.`,
      ]
    case 'not-invited':
      return [403, `${name} knows you, but nobody has let you into ${team}`, 'Ask an owner or admin of the team.']
    case 'not-a-member':
      return [403, `You are not in ${team}`, 'Ask an owner or admin of the team.']
    case 'somebody-elses':
      return [
        403,
        `Somebody signs in with that account of ${name} already`,
        'One account there belongs to one person here.',
      ]
  }
}
