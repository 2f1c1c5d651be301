import type { IncomingHttpHeaders } from 'node:http'
import { candidates, markDelivered, type SignedBy } from '../connections/connections.js'
import type { GitHostName } from '../git/hosts/hosts.js'
import { gitHosts } from '../git/hosts/hosts.js'
import { payloadText } from '../git/hosts/payload.js'
import { only } from '../git/hosts/signatures.js'
import { UserError } from '../platform/errors.js'
import { newId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { judgeDelivery } from './jobs.js'
import { mentionedRepositories } from './mentioned.js'
import * as queries from './queries.js'

/** GitHub sends no more: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
export const mostBytes = 25 * 1024 * 1024

interface Sent {
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
}

/**
 * Writes a delivery down, once its signature was found good, and rings for whoever looks at it. Nothing else is done
 * while the host waits. Sent again it is the same delivery. Throws 400 for what bears no id, 401 for any signature that is
 * not one of ours, in the same words whether we know the repository or not.
 */
export async function receiveDelivery(
  services: Services,
  hostName: GitHostName,
  sent: Sent,
): Promise<{ isNew: boolean }> {
  const host = gitHosts[hostName]
  const first = (names: readonly string[]) => names.map((name) => only(sent.headers, name)).find(Boolean)
  const delivery = first(host.headers.delivery)
  const event = first(host.headers.event)
  if (!isWord(delivery) || !isWord(event))
    throw new UserError(400, `This is not a delivery of ${host.label}`, 'Its headers say neither what it is nor which.')

  const repositoryKeys = mentionedRepositories(payloadText(sent.bytes, sent.headers['content-type']))
  const known = await services.db.asSystem((db) => candidates(services, db, hostName, repositoryKeys))
  const signer = known.find(({ secret }) => host.isSigned(secret, sent.bytes, sent.headers))
  if (!signer) {
    await refuse(services, hostName, known, repositoryKeys)
    throw new UserError(
      401,
      'The signature is not one that this panel knows',
      'Connect the repository, or give the webhook its secret again.',
    )
  }
  return keep(services, signer, { ...sent, delivery, event })
}

async function keep(
  services: Services,
  connection: SignedBy,
  { bytes, headers, delivery, event }: Sent & { delivery: string; event: string },
): Promise<{ isNew: boolean }> {
  const id = newId()
  const now = services.clock()
  const isNew = await services.db.asSystem(async (db) => {
    await markDelivered(db, connection.id, now)
    return queries.insertDelivery(db, {
      ...{ id, team_id: connection.team_id, connection_id: connection.id, delivery, event },
      headers: JSON.stringify(harmless(headers)),
      body: bytes,
      received_at: now,
    })
  })
  // A lost ring is not a lost delivery: the next round finds the row. And the host does not wait for the queue.
  if (isNew)
    services.queue
      .enqueue(judgeDelivery, { deliveryId: id }, { key: id })
      .catch((error) => services.log.warn({ err: error, delivery: id }, 'could not ring'))
  return { isNew }
}

/** For the teams that may be meant: "why did my push not deploy?" */
async function refuse(
  services: Services,
  host: GitHostName,
  known: readonly SignedBy[],
  repositoryKeys: readonly string[],
): Promise<void> {
  const now = services.clock()
  const hour = new Date(now)
  hour.setUTCMinutes(0, 0, 0)
  const row = (why: 'bad-signature' | 'not-connected') => (of: { team_id: string; repository_key: string }) => ({
    ...{ team_id: of.team_id, repository_key: of.repository_key },
    ...{ host, why, hour, last_at: now },
  })
  await services.db.asSystem(async (db) => {
    const others = known.length > 0 ? [] : await queries.teamsWithSitesOf(db, repositoryKeys, mostTold)
    await queries.countRefused(db, [...known.map(row('bad-signature')), ...others.map(row('not-connected'))])
  })
}

const mostTold = 20

/** Ids and names of events are short and plain with every host. */
const isWord = (text: string | undefined): text is string => text !== undefined && /^[\w .:-]{1,100}$/.test(text)

/** What tells where it came from. Never a signature, a token or a cookie. */
const harmless = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && keptHeaders.test(name) ? [[name, value.slice(0, 300)]] : [],
    ),
  )

const keptHeaders =
  /^(user-agent|content-type|content-length|idempotency-key|x-(github|gitlab|gitea|forgejo)-(event|delivery|event-uuid|webhook-uuid|hook-id|event-type|instance))$/
