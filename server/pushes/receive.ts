import type { IncomingHttpHeaders } from 'node:http'
import { type GitHostName, gitHosts } from '../git/hosts/hosts.js'
import { payloadText } from '../git/hosts/payload.js'
import { only } from '../git/hosts/signatures.js'
import { UserError } from '../platform/errors.js'
import { gather } from '../platform/gather.js'
import { refuseDeepJson } from '../platform/http/deep-json.js'
import { makeBell } from '../platform/queue/bell.js'
import { QuotaSpent } from '../platform/quotas/quotas.js'
import type { Services } from '../platform/services.js'
import { judgeDeliveries } from './jobs.js'
import { type Kept, keepAsked, keepRemembered, type Sent, type Unproven } from './keep.js'
import { mentionedInstallation, mentionedRepositories } from './mentioned.js'
import { rememberSigners } from './signers.js'

/** GitHub sends no more: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
export const mostBytes = 25 * 1024 * 1024

/** Hosts' own payloads have less than ten; people may put something of theirs into some. */
const deepestPayload = 1000

/**
 * Writes a delivery down, once its signature was found good, and rings for whoever looks at it. Nothing else is done
 * while the host waits. Sent again it is the same delivery. Throws 400 for what bears no id or is nested too deep, 401 for
 * any signature that is not one of ours, in the same words whether we know the repository or not, 429 when its team had too many.
 */
export async function receiveDelivery(
  services: Services,
  hostName: GitHostName,
  { bytes, headers }: { readonly bytes: Buffer; readonly headers: IncomingHttpHeaders },
  address: string | null,
): Promise<{ isNew: boolean }> {
  const host = gitHosts[hostName]
  const first = (names: readonly string[]) => names.map((name) => only(headers, name)).find(Boolean)
  const delivery = first(host.headers.delivery)
  const event = first(host.headers.event)
  if (!isWord(delivery) || !isWord(event))
    throw new UserError(400, `This is not a delivery of ${host.label}`, 'Its headers say neither what it is nor which.')

  const text = payloadText(bytes, headers['content-type'])
  refuseDeepJson(text, deepestPayload)
  const repositoryKeys = mentionedRepositories(text)
  const app = hostName === 'github' ? { app: appOf(headers), installation: mentionedInstallation(text) } : null
  const kept = await keeperOf(services)({
    host: hostName,
    bytes,
    headers,
    delivery,
    event,
    repositoryKeys,
    app,
    address,
  })
  if (kept instanceof QuotaSpent) throw kept
  if (kept === 'refused')
    throw new UserError(
      401,
      'The signature is not one that this panel knows',
      'Connect the repository, or give the webhook its secret again.',
    )
  return { isNew: kept === 'new' }
}

/** Which app GitHub sends this for: only a hint, since anybody may have written it. */
function appOf(headers: IncomingHttpHeaders): string | null {
  if ((only(headers, 'x-github-hook-installation-target-type') ?? 'integration') !== 'integration') return null
  const id = only(headers, 'x-github-hook-installation-target-id')
  return id !== undefined && /^\d{1,20}$/.test(id) ? id : null
}

/** Ids and names of events are short and plain with every host. */
const isWord = (text: string | undefined): text is string => text !== undefined && /^[\w .:-]{1,100}$/.test(text)

type Keeper = (sent: Sent) => Promise<Kept>

const keepers = new WeakMap<Services, Keeper>()

/**
 * What is pushed to five hundred sites in one moment is written in a handful of transactions. Those that need a second look
 * are gathered apart, so that none of them can undo an answer that is true already.
 */
function keeperOf(services: Services): Keeper {
  const known = keepers.get(services)
  if (known) return known
  const remembered = rememberSigners()
  const first = gather((all: readonly Sent[]) => keepRemembered(services, remembered, all), limits)
  const second = gather((all: readonly Unproven[]) => keepAsked(services, remembered, all), limits)
  const ring = makeBell(services, judgeDeliveries, () => first.isBusy() || second.isBusy())
  const keep: Keeper = async (sent) => {
    const proven = await first(sent)
    const kept = typeof proven === 'string' || proven instanceof QuotaSpent ? proven : await second(proven)
    if (kept === 'new') ring()
    return kept
  }
  keepers.set(services, keep)
  return keep
}

const limits = {
  most: 100,
  mostWeight: 8 * 1024 * 1024,
  weigh: ({ bytes }: Sent): number => bytes.length,
}
