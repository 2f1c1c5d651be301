import { LRUCache } from 'lru-cache'
import { type AppHint, appCandidates, candidates, type SignedBy, type SignedByApp } from '../connections/connections.js'
import type { GitHostName } from '../git/hosts/hosts.js'
import type { Services } from '../platform/services.js'

/** What a delivery says of who may have signed it, before anybody knows whether it is genuine. */
export interface Hints {
  readonly host: GitHostName
  readonly repositoryKeys: readonly string[]
  readonly app: AppHint | null
}

/** Somebody whose secret may have signed it: the webhook of one repository, or an app. */
export interface Signer extends Pick<SignedBy, 'id' | 'team_id' | 'repository_key' | 'secret' | 'sealed'> {
  readonly kind: 'connection' | 'app'
}

/**
 * Signers by what their deliveries say, so that most are verified without asking the database. Each may have been removed
 * or have another secret by now: whoever keeps a delivery has the database prove that its signer still has this one.
 */
export interface RememberedSigners {
  of(hints: Hints): Signer[]
  remember(hints: Hints, signer: Signer): void
  forget(hints: Hints, signer: Signer): void
}

/** A repository's name, a signer and a secret are half a kilobyte. */
const mostNames = 10_000
/** Of one repository: more teams than this do not connect it, and each costs a look at its secret. */
const mostOfOne = 20

export function rememberSigners(): RememberedSigners {
  const byName = new LRUCache<string, readonly Signer[]>({ max: mostNames })
  const others = (name: string, { id }: Signer) => (byName.get(name) ?? []).filter((known) => known.id !== id)
  return {
    of: ({ host, repositoryKeys, app }) => [
      ...repositoryKeys.flatMap((key) => byName.get(ofRepository(host, key)) ?? []),
      ...(app ? (byName.get(ofHint(app)) ?? []) : []),
    ],
    remember(hints, signer) {
      const name = nameOf(hints, signer)
      byName.set(name, [signer, ...others(name, signer)].slice(0, mostOfOne))
    },
    forget(hints, signer) {
      const name = nameOf(hints, signer)
      byName.set(name, others(name, signer))
    },
  }
}

/** A webhook speaks for its own repository, whatever else its payloads mention. */
const nameOf = ({ host, app }: Hints, { kind, repository_key }: Signer): string =>
  kind === 'app' && app ? ofHint(app) : ofRepository(host, repository_key)

const ofRepository = (host: GitHostName, key: string): string => `${host} ${key}`
const ofHint = ({ app, installation }: AppHint): string =>
  app === null ? `installation ${installation}` : `app ${app}`

/** Whose secrets to try for each: those of the repositories and of the app that it mentions. */
export const possibleSigners = (services: Services, all: readonly Hints[]): Promise<(hints: Hints) => Signer[]> =>
  services.db.asSystem(async (db) => {
    const known = byRepository(await candidates(services, db, all))
    const hinted = await appCandidates(
      services,
      db,
      all.flatMap(({ app }) => app ?? []),
    )
    return ({ host, repositoryKeys, app }) => [
      ...repositoryKeys.flatMap((key) => known.get(ofRepository(host, key)) ?? []).map(ofConnection),
      ...(app ? hinted(app).map(ofApp) : []),
    ]
  }, 'read only')

function byRepository(connections: readonly SignedBy[]): Map<string, SignedBy[]> {
  const found = new Map<string, SignedBy[]>()
  for (const connection of connections) {
    const name = ofRepository(connection.host, connection.repository_key)
    found.set(name, [...(found.get(name) ?? []), connection])
  }
  return found
}

const ofConnection = (connection: SignedBy): Signer => ({ ...connection, kind: 'connection' })

const ofApp = ({ page, ...app }: SignedByApp): Signer => ({ ...app, repository_key: page, kind: 'app' })
