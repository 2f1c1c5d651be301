import { randomBytes } from 'node:crypto'
import { type GitHostName, guessGitHost } from '../git/hosts/hosts.js'
import { hostOf, repositoryKey, webOrigin } from '../git/repository-key.js'
import { parseRepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { conflict, FieldError, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import type { NewConnection } from './schema.js'

export { askHost } from './asking.js'
export { type AppHint, appCandidates, hearOfInstallation, reachedBy, type SignedByApp } from './github-app/hearing.js'
export { refreshDue } from './github-app/refreshing.js'
export {
  cloneTokenFor,
  hasInstallation,
  listRepositories,
  maybeEntrance,
  maybePicked,
} from './github-app/repositories.js'
export { linkThroughApps } from './links.js'
export { listOffered, offersOf } from './offered.js'
export { type Connection, connectionsOf, connectionsTo, isConnected } from './queries.js'
export { dropToken, hostTokenFor, maybeSpeaker, type Speaker } from './speaking.js'

/** One repository that tells us of its pushes. The secret is returned this once; the host signs with it. */
export interface Connected {
  connection: queries.Connection
  secret: Secret
}

export const connect = (ctx: TeamCtx, wanted: NewConnection): Promise<Connected> =>
  ctx.transaction(async (tx) => {
    const url = parseRepositoryUrl(wanted.repositoryUrl, ['https', 'ssh', 'http'])
    const key = repositoryKey(url)
    const host = wanted.host ?? guessGitHost(key)
    if (!host) throw new FieldError('host', `Say which kind of host ${hostOf(key)} is`)
    const id = newId()
    const secret = newSecret()
    const isNew = await queries.insertConnection(tx, {
      id,
      team_id: ctx.team.id,
      host,
      repository_key: key,
      web_origin: webOrigin(url),
      secret_sealed: ctx.services.vault.seal(secret, secretPlace(id)),
      created_by: ctx.actor.name,
      created_at: ctx.now(),
    })
    if (!isNew) throw new FieldError('repositoryUrl', `${key} is connected already`)
    await append(tx, { type: 'connection.created', subject: { kind: 'connection', id }, data: { name: key, host } })
    return { connection: await findConnection(tx, id), secret }
  })

/** The old one is refused from the next delivery on. */
export const changeSecret = (ctx: TeamCtx, id: string): Promise<Connected> =>
  ctx.transaction(async (tx) => {
    const connection = await findConnection(tx, id)
    if (!connection.has_secret)
      throw conflict(`${connection.repository_key} has no webhook of its own`, 'The GitHub App signs for it.')
    const secret = newSecret()
    const sealed = ctx.services.vault.seal(secret, secretPlace(id))
    if (!(await queries.updateSecret(tx, id, { secret_sealed: sealed, has_signing_token: false })))
      throw conflict('The connection was removed in the same moment')
    await append(tx, {
      type: 'connection.secret-changed',
      subject: { kind: 'connection', id },
      data: { name: connection.repository_key },
    })
    return { connection: await findConnection(tx, id), secret }
  })

/** Its deliveries go with it. Sites that deploy by themselves go on by being asked after. */
export const disconnect = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const connection = await findConnection(tx, id)
    if (connection.installation_id)
      throw conflict(
        `${connection.repository_key} is connected through a GitHub App`,
        'Take it out of the installation at GitHub, and the connection goes by itself.',
      )
    if (!(await queries.deleteConnection(tx, id))) throw notFound('connection')
    await append(tx, {
      type: 'connection.removed',
      subject: { kind: 'connection', id },
      data: { name: connection.repository_key },
    })
  })

/** @throws UserError 404, also for another team's */
export async function findConnection(tx: TeamTx, id: string): Promise<queries.Connection> {
  const connection = isId(id) && (await queries.maybeConnection(tx, id))
  if (!connection) throw notFound('connection')
  return connection
}

/** The repository that a connection's secret speaks for. */
export const connectionKey = async (tx: TeamTx, id: string): Promise<string> =>
  (await findConnection(tx, id)).repository_key

export type SignedBy = Pick<queries.KnownConnection, 'id' | 'team_id' | 'host' | 'repository_key'> & {
  secret: Secret
  /** As the row has it: while it has, the secret is this one. */
  sealed: string
}

/** More teams than this do not connect the repositories of one moment; each costs a look at its secret. */
const mostCandidates = 1000

/** Whose deliveries about these repositories may be. For the receiver alone: it tells by the signature. */
export async function candidates(
  services: Services,
  db: TransactionOf<'system'>,
  asked: readonly { host: GitHostName; repositoryKeys: readonly string[] }[],
): Promise<SignedBy[]> {
  const hosts = new Set(asked.map(({ host }) => host))
  const keys = new Set(asked.flatMap(({ repositoryKeys }) => repositoryKeys))
  if (keys.size === 0) return []
  const known = await queries.connectionsNamed(db, [...hosts], [...keys], mostCandidates)
  return known.map(({ secret_sealed: sealed, ...connection }) => ({
    ...connection,
    sealed,
    secret: services.vault.open(sealed, secretPlace(connection.id)),
  }))
}

export const secretPlace = (id: string) => ({ table: 'repository_connections', id, column: 'secret_sealed' })

/** Made by us, so that it is never empty and never one that somebody uses elsewhere. */
const newSecret = (): Secret => new Secret(randomBytes(32).toString('base64url'))
