import type { IncomingHttpHeaders } from 'node:http'
import { type AppHint, appCandidates, candidates, type SignedBy, type SignedByApp } from '../connections/connections.js'
import { type GitHostName, gitHosts } from '../git/hosts/hosts.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { newId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

/** What a host sent, with the repositories that it mentions: whose secret to try. */
export interface Sent {
  readonly host: GitHostName
  readonly bytes: Buffer
  readonly headers: IncomingHttpHeaders
  readonly delivery: string
  readonly event: string
  readonly repositoryKeys: readonly string[]
  /** And the app that it may be for. */
  readonly app: AppHint | null
}

/** Somebody whose secret may have signed it: the webhook of one repository, or an app. */
interface Signer extends Pick<SignedBy, 'id' | 'team_id' | 'repository_key' | 'secret'> {
  readonly kind: 'connection' | 'app'
}

/** `before`: the host has sent it already. */
export type Kept = 'new' | 'before' | 'refused'

/** What is signed is kept, with one statement; what is not is counted. Answers in the order it was asked. */
export async function keepDeliveries(services: Services, all: readonly Sent[]): Promise<Kept[]> {
  const now = services.clock()
  const signersOf = await services.db.asSystem((db) => possibleSigners(services, db, all), 'read only')
  const judged = all.map((sent) => {
    const mine = signersOf(sent)
    const signer = mine.find(({ secret }) => gitHosts[sent.host].isSigned(secret, sent.bytes, sent.headers, now))
    return { sent, mine, row: signer && rowOf(sent, signer, now) }
  })
  const rows = judged.flatMap(({ row }) => row ?? [])
  const refused = judged.filter(({ row }) => !row)
  const written =
    rows.length === 0
      ? new Set<string>()
      : await services.db.asSystem((db) => queries.insertDeliveries(db, rows, now), 'one statement')
  if (refused.length > 0) await services.db.asSystem((db) => countRefused(db, refused, now))
  return judged.map(({ row }): Kept => (row ? (written.has(row.id) ? 'new' : 'before') : 'refused'))
}

/** Whose secrets to try for each: those of the repositories and of the app that it mentions. */
async function possibleSigners(
  services: Services,
  db: TransactionOf<'system'>,
  all: readonly Sent[],
): Promise<(sent: Sent) => Signer[]> {
  const known = byRepository(await candidates(services, db, all))
  const hinted = await appCandidates(
    services,
    db,
    all.flatMap(({ app }) => app ?? []),
  )
  return ({ host, repositoryKeys, app }) => [
    ...repositoryKeys.flatMap((key) => known.get(`${host} ${key}`) ?? []).map(ofConnection),
    ...(app ? hinted(app).map(ofApp) : []),
  ]
}

function byRepository(connections: readonly SignedBy[]): Map<string, SignedBy[]> {
  const found = new Map<string, SignedBy[]>()
  for (const connection of connections) {
    const name = `${connection.host} ${connection.repository_key}`
    found.set(name, [...(found.get(name) ?? []), connection])
  }
  return found
}

const ofConnection = (connection: SignedBy): Signer => ({ ...connection, kind: 'connection' })

const ofApp = ({ page, ...app }: SignedByApp): Signer => ({ ...app, repository_key: page, kind: 'app' })

const rowOf = ({ bytes, headers, delivery, event }: Sent, { kind, id, team_id }: Signer, now: Date) => ({
  ...{ id: newId(), team_id, delivery, event, body: bytes, received_at: now },
  connection_id: kind === 'connection' ? id : null,
  github_app_id: kind === 'app' ? id : null,
  headers: JSON.stringify(harmless(headers)),
})

/** For the teams that may be meant: "why did my push not deploy?" */
async function countRefused(
  db: TransactionOf<'system'>,
  refused: readonly { sent: Sent; mine: readonly Signer[] }[],
  now: Date,
): Promise<void> {
  const hour = new Date(now)
  hour.setUTCMinutes(0, 0, 0)
  const strangers = refused.filter(({ mine }) => mine.length === 0)
  const sites = await queries.teamsWithSitesOf(
    db,
    strangers.flatMap(({ sent }) => sent.repositoryKeys),
    mostTold,
  )
  const counted = refused.flatMap(({ sent, mine }) => {
    const isMeant = ({ repository_key: key }: { repository_key: string }) => sent.repositoryKeys.includes(key)
    const [why, teams] =
      mine.length > 0 ? (['bad-signature', mine] as const) : (['not-connected', sites.filter(isMeant)] as const)
    return teams.map(({ team_id, repository_key }) => ({
      team_id,
      repository_key,
      host: sent.host,
      why,
      hour,
      last_at: now,
    }))
  })
  for (const row of counted) await queries.countRefused(db, row)
}

const mostTold = 100

/** What tells where it came from. Never a signature, a token or a cookie. */
const harmless = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && keptHeaders.test(name) ? [[name, value.slice(0, 300)]] : [],
    ),
  )

const keptHeaders =
  /^(user-agent|content-type|content-length|idempotency-key|webhook-(id|timestamp)|x-(github|gitlab|gitea|forgejo)-(event|delivery|event-uuid|webhook-uuid|hook-id|event-type|instance|hook-installation-target-id|hook-installation-target-type))$/
