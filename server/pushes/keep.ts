import type { IncomingHttpHeaders } from 'node:http'
import { gitHosts } from '../git/hosts/hosts.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SitesRow } from '../platform/db/tables.js'
import { newId } from '../platform/ids.js'
import { type QuotaSpent, spendTogether } from '../platform/quotas/quotas.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { noteRefused, type RefusedDelivery } from './refusals.js'
import { type Hints, possibleSigners, type RememberedSigners, type Signer } from './signers.js'

/** What a host sent, with what it says of whose secret to try. */
export interface Sent extends Hints {
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
  readonly delivery: string
  readonly event: string
  /** From where. */
  readonly address: string | null
}

/** `before`: the host has sent it already. Or whoever signed it had too many. */
export type Kept = 'new' | 'before' | 'refused' | QuotaSpent

/** What no remembered signer has signed, with those that were tried in vain. */
export interface Unproven extends Sent {
  readonly inVain: readonly Signer[]
}

/** Keeps what a remembered signer has signed, with one statement. None of the others is refused before the database was asked. */
export async function keepRemembered(
  services: Services,
  remembered: RememberedSigners,
  all: readonly Sent[],
): Promise<('new' | 'before' | QuotaSpent | Unproven)[]> {
  const now = services.clock()
  const looked = all.map((sent) => ({ ...sent, inVain: remembered.of(sent) }))
  const signed = looked.flatMap((sent) => signedBy(sent, sent.inVain, now))
  const { within, over } = await countSigned(services, signed)
  const kept =
    within.length > 0
      ? await services.db.asSystem((db) => keepProven(db, within, now), 'one statement')
      : new Map<Sent, 'new' | 'before'>()
  for (const { sent, signer } of within) if (!kept.has(sent)) remembered.forget(sent, signer)
  return looked.map((sent) => over.get(sent) ?? kept.get(sent) ?? sent)
}

/**
 * Keeps what was signed by somebody the database knows, and counts the rest, in one transaction: tried again after a
 * failure, nothing of it has been done by half.
 */
export async function keepAsked(
  services: Services,
  remembered: RememberedSigners,
  all: readonly Unproven[],
): Promise<Kept[]> {
  const now = services.clock()
  const signersOf = await possibleSigners(services, all)
  const signed = all.flatMap((sent) => signedBy(sent, signersOf(sent).filter(isNoneOf(sent.inVain)), now))
  for (const { sent, signer } of signed) remembered.remember(sent, signer)
  const { within, over } = await countSigned(services, signed)
  const { kept, refused } = await services.db.asSystem(async (db) => {
    const kept = await keepProven(db, within, now)
    const refused = all.flatMap((sent) => (kept.has(sent) || over.has(sent) ? [] : { sent, mine: signersOf(sent) }))
    await countRefused(db, refused, now)
    return { kept, refused }
  })
  await noteRefused(services, refused)
  return all.map((sent) => over.get(sent) ?? kept.get(sent) ?? 'refused')
}

/** With the same secret: to make a signature over 25 MB twice would be for nothing. */
const isNoneOf =
  (others: readonly Signer[]) =>
  ({ id, sealed }: Signer): boolean =>
    !others.some((other) => other.id === id && other.sealed === sealed)

interface Signed {
  readonly sent: Sent
  readonly signer: Signer
}

function signedBy(sent: Sent, signers: readonly Signer[], now: Date): Signed[] {
  const { isSigned } = gitHosts[sent.host]
  const signer = signers.find(({ secret }) => isSigned(secret, sent.bytes, sent.headers, now))
  return signer ? [{ sent, signer }] : []
}

/** Each counts against the team whose secret signed it: nobody else can use up what is theirs. */
async function countSigned(services: Services, signed: readonly Signed[]) {
  const teams = signed.map(({ signer }) => signer.team_id)
  const spent = await spendTogether(services, 'deliveries', teams)
  const answers = signed.flatMap(({ sent, signer }) => {
    const answer = spent.get(signer.team_id)
    return answer ? [[sent, answer] as const] : []
  })
  return { within: signed.filter(({ signer }) => !spent.has(signer.team_id)), over: new Map<Sent, QuotaSpent>(answers) }
}

/** Of those whose signer the database still knows with that secret. */
async function keepProven(
  db: TransactionOf<'system'>,
  all: readonly Signed[],
  now: Date,
): Promise<Map<Sent, 'new' | 'before'>> {
  const answers = new Map<Sent, 'new' | 'before'>()
  if (all.length === 0) return answers
  const rows = all.map(({ sent, signer }) => rowOf(sent, signer))
  const proven = await queries.insertDeliveries(db, rows, now)
  for (const [index, { sent }] of all.entries()) {
    const isNew = proven.get(rows[index]?.id ?? '')
    if (isNew !== undefined) answers.set(sent, isNew ? 'new' : 'before')
  }
  return answers
}

const rowOf = ({ bytes, headers, delivery, event }: Sent, { kind, id, team_id, sealed }: Signer) => ({
  ...{ id: newId(), team_id, delivery, event, body: bytes, sealed },
  connection_id: kind === 'connection' ? id : null,
  github_app_id: kind === 'app' ? id : null,
  headers: JSON.stringify(harmless(headers)),
})

/** For the teams that may be meant: "why did my push not deploy?" */
async function countRefused(
  db: TransactionOf<'system'>,
  refused: readonly RefusedDelivery[],
  now: Date,
): Promise<void> {
  const hour = new Date(now)
  hour.setUTCMinutes(0, 0, 0)
  if (refused.length === 0) return
  const keys = refused.flatMap(({ sent }) => sent.repositoryKeys)
  const sites = await queries.teamsWithSitesOf(db, keys, mostTold)
  const counted = refused.flatMap(({ sent, mine }) => {
    const others = sites.filter(
      ({ team_id, repository_key: key }) =>
        sent.repositoryKeys.includes(key) && !mine.some((signer) => signer.team_id === team_id),
    )
    const row = (why: 'bad-signature' | 'not-connected') => (meant: Pick<SitesRow, 'team_id' | 'repository_key'>) => ({
      ...{ team_id: meant.team_id, repository_key: meant.repository_key },
      ...{ host: sent.host, why, hour, last_at: now },
    })
    return [...mine.map(row('bad-signature')), ...others.map(row('not-connected'))]
  })
  for (const row of counted) await queries.countRefused(db, row)
}

const mostTold = 100

/** What tells where it came from. Never a signature, a token or a cookie. */
function harmless(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of keptHeaders) {
    const value = headers[name]
    if (typeof value === 'string') kept[name] = value.slice(0, 300)
  }
  return kept
}

const ofHosts = ['event', 'delivery', 'event-uuid', 'webhook-uuid', 'hook-id', 'event-type', 'instance']
const ofApps = ['hook-installation-target-id', 'hook-installation-target-type']
const keptHeaders = [
  ...['user-agent', 'content-type', 'content-length', 'idempotency-key', 'webhook-id', 'webhook-timestamp'],
  ...['github', 'gitlab', 'gitea', 'forgejo'].flatMap((host) =>
    [...ofHosts, ...ofApps].map((name) => `x-${host}-${name}`),
  ),
]
