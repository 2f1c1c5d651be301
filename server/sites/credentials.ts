import type { GitCredentials } from '../git/remote.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { Secret } from '../platform/secret.js'

/** The identity that a site's token or deploy key is sealed with. */
export const credentialPlace = (siteId: string) => ({ table: 'sites', id: siteId, column: 'credential_sealed' })

/** How the site's repository is reached; for deploys only. */
export function openCredentials(tx: TeamTx, site: SitesRow): GitCredentials {
  const { credential_kind: kind, credential_sealed: sealed } = site
  if (kind === 'none' || sealed === null) return { kind: 'none' }

  const secret = tx.ctx.services.vault.open(sealed, credentialPlace(site.id))
  if (kind === 'deploy-key') return { kind, privateKey: secret, publicKey: site.deploy_public_key ?? '' }
  return parseToken(secret)
}

/** A token may come with a user name, sealed as `user:token`; most hosts need none. */
function parseToken(secret: Secret): GitCredentials {
  const [first = '', ...rest] = secret.reveal().split(':')
  return rest.length === 0
    ? { kind: 'token', user: null, token: secret }
    : { kind: 'token', user: first, token: new Secret(rest.join(':')) }
}
