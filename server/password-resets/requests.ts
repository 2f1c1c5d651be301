import { UserError } from '../platform/errors.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import type { Place } from '../platform/vault/vault.js'
import { countAgainst, mailRequests } from '../sessions/sessions.js'
import { maybeUserByEmail } from '../users/users.js'
import { answerResetRequests } from './jobs.js'
import { mailResetLink } from './password-resets.js'
import * as queries from './queries.js'

/**
 * Writes down that a link was asked for. Who that is, is looked up afterwards, by a job: so the answer and the time it takes
 * are the same for those who sign in here and those who do not (SE-07). Throws 429 for too many, again for both alike.
 */
export async function requestReset(services: Services, email: string, ip: string): Promise<void> {
  if (!services.mail.isSet) throw noMail()
  await countAgainst(services, mailRequests, ip, email)
  const id = newId()
  const sealed = services.vault.seal(new Secret(email), placeOf(id))
  await services.db.asIdentity((db) =>
    queries.insertRequest(db, { id, email_sealed: sealed, made_at: services.clock() }),
  )
  // Only a bell: its own round finds the row as well.
  services.queue.enqueue(answerResetRequests, {}).catch((error) => services.log.warn({ err: error }, 'could not ring'))
}

/** For the job: answers all who wait. Each is answered whole or not at all, by one worker. */
export async function answerRequests(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await answerNext(services)));
}

const answerNext = (services: Services): Promise<boolean> =>
  services.db.asIdentity(async (db) => {
    const request = await queries.takeRequest(db)
    if (!request) return false
    const email = services.vault.open(request.email_sealed, placeOf(request.id)).reveal()
    const user = await maybeUserByEmail(db, email)
    if (user?.disabled_at === null) await mailResetLink(services, db, user, services.clock())
    return true
  })

const noMail = () =>
  new UserError(
    409,
    'This panel sends no mail',
    'Whoever runs it can make you a link, on its machine: bin/hostler reset-password.',
  )

const placeOf = (id: string): Place => ({ table: 'reset_requests', id, column: 'email' })
