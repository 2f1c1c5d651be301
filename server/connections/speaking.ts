import { type GitHostName, gitHosts } from '../git/hosts/hosts.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Secret } from '../platform/secret.js'
import * as queries from './queries.js'

/** What it takes to speak to the host of a connection. */
export interface Speaker {
  readonly host: GitHostName
  /** `acme/shop` */
  readonly repository: string
  readonly base: string
  readonly token: Secret
}

/** Null where there is no token, or no such connection any more. */
export async function maybeSpeaker(tx: TeamTx, id: string): Promise<Speaker | null> {
  const connection = await queries.maybeConnection(tx, id)
  const sealed = await queries.maybeTokenOf(tx, id)
  if (!connection || !sealed) return null
  const { host, repository_key: key } = connection
  const token = tx.ctx.services.vault.open(sealed, tokenPlace(id))
  return { host, repository: key.slice(key.indexOf('/') + 1), base: apiBase(connection), token }
}

/** Where the connection's host is spoken to. */
export function apiBase({
  host,
  repository_key,
  api_url,
}: Pick<queries.Connection, 'host' | 'repository_key' | 'api_url'>): string {
  const [name = ''] = repository_key.split('/')
  return api_url ?? gitHosts[host].api.base(name)
}

export const tokenPlace = (id: string) => ({ table: 'repository_connections', id, column: 'token_sealed' })
