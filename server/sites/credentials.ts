import type { GitCredentials } from '../git/remote.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { Secret } from '../platform/secret.js'
import type { Place, Vault } from '../platform/vault/vault.js'

export type AccessKind = SitesRow['credential_kind']

/** The columns that say how a repository lets us in; of sites and of drafts of sites. */
export type AccessColumns = Pick<SitesRow, 'credential_kind' | 'credential_sealed' | 'deploy_public_key'>

/** The identity that a site's token or deploy key is sealed with. */
export const credentialPlace = (siteId: string): Place => ({ table: 'sites', id: siteId, column: 'credential_sealed' })

/** How the site's repository is reached; for deploys only. */
export const openCredentials = (tx: TeamTx, site: SitesRow): GitCredentials =>
  openAccess(tx.ctx.services.vault, site, credentialPlace(site.id))

export function openAccess(vault: Vault, columns: AccessColumns, place: Place): GitCredentials {
  const { credential_kind: kind, credential_sealed: sealed } = columns
  if (kind === 'none' || sealed === null) return { kind: 'none' }

  const secret = vault.open(sealed, place)
  if (kind === 'deploy-key') return { kind, privateKey: secret, publicKey: columns.deploy_public_key ?? '' }
  return parseToken(secret)
}

export function sealAccess(vault: Vault, credentials: GitCredentials, place: Place): AccessColumns {
  switch (credentials.kind) {
    case 'none':
      return { credential_kind: 'none', credential_sealed: null, deploy_public_key: null }
    case 'token': {
      // Always with the colon, so that one inside the token is not taken for it.
      const text = new Secret(`${credentials.user ?? ''}:${credentials.token.reveal()}`)
      return { credential_kind: 'token', credential_sealed: vault.seal(text, place), deploy_public_key: null }
    }
    case 'deploy-key':
      return {
        credential_kind: 'deploy-key',
        credential_sealed: vault.seal(credentials.privateKey, place),
        deploy_public_key: credentials.publicKey,
      }
  }
}

/** A token may come with a user name, sealed as `user:token`; most hosts need none. */
function parseToken(secret: Secret): GitCredentials {
  const [first = '', ...rest] = secret.reveal().split(':')
  return rest.length === 0
    ? { kind: 'token', user: null, token: secret }
    : { kind: 'token', user: first || null, token: new Secret(rest.join(':')) }
}
