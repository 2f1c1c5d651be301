import { connectionKey, reachedBy } from '../connections/connections.js'
import type { Push } from '../git/hosts/host.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Signer } from './queries.js'

/**
 * Which repository a push is about, of those that whoever signed it speaks for: the one of a connection, or those that
 * the app is installed on. Null for any other; `not-yet` while GitHub is asked.
 */
export type Scope = (
  about: Pick<Push, 'repositoryKeys' | 'installation'>,
  receivedAt: Date,
) => Promise<string | null | 'not-yet'>

export async function scopeOf(tx: TeamTx, { connection_id, github_app_id }: Signer): Promise<Scope> {
  if (github_app_id !== null)
    return ({ repositoryKeys, installation }, receivedAt) =>
      reachedBy(tx, github_app_id, { repositoryKeys, installation, receivedAt })
  const key = await connectionKey(tx, connection_id ?? '')
  return async ({ repositoryKeys }) => (repositoryKeys.includes(key) ? key : null)
}
