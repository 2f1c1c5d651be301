import { cloneTokenFor } from '../connections/connections.js'
import type { GitCredentials } from '../git/remote.js'
import { repositoryName } from '../git/repository-links.js'
import { parseRepositoryUrl, type RepositoryUrl } from '../git/repository-url.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { FieldError, UserError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import type { Place, Vault } from '../platform/vault/vault.js'

export type AccessKind = SitesRow['credential_kind']

/** The columns that say how a repository lets us in; of sites and of drafts of sites. */
export type AccessColumns = Pick<SitesRow, 'credential_kind' | 'credential_sealed' | 'deploy_public_key'>

/** The identity that a site's token or deploy key is sealed with. */
export const credentialPlace = (siteId: string): Place => ({ table: 'sites', id: siteId, column: 'credential_sealed' })

/** How a repository lets us in: with what is kept here, or through a GitHub App, which gives a token when it is asked. */
export type RepositoryAccess = GitCredentials | { readonly kind: 'github-app' }

/** With what the site's repository is reached now. Not inside of a transaction: GitHub may have to be asked. */
export const credentialsOf = (ctx: TeamCtx, site: SitesRow, signal?: AbortSignal): Promise<GitCredentials> =>
  lend(ctx, site.repository_url, openAccess(ctx.services.vault, site, credentialPlace(site.id)), signal)

/** @throws FieldError where the app does not let us in, or GitHub gives no token */
export async function lend(
  ctx: TeamCtx,
  repositoryUrl: string,
  access: RepositoryAccess,
  signal?: AbortSignal,
): Promise<GitCredentials> {
  if (access.kind !== 'github-app') return access
  const url = parseRepositoryUrl(repositoryUrl, ['https', 'ssh', 'http'])
  const token = await cloneTokenFor(ctx, url, signal).catch(atAccess)
  if (!token) throw noEntrance(url)
  // https://docs.github.com/en/apps: any token of an installation goes by this name.
  return { kind: 'token', user: 'x-access-token', token }
}

export const noEntrance = (url: RepositoryUrl): FieldError =>
  new FieldError(
    'access',
    `No GitHub App of this team reaches ${repositoryName(url)} at that address. Install it on the repository, or choose another way in`,
  )

function atAccess(error: unknown): never {
  if (!(error instanceof UserError)) throw error
  throw new FieldError('access', [error.message, error.hint].filter(Boolean).join('. '))
}

export function openAccess(vault: Vault, columns: AccessColumns, place: Place): RepositoryAccess {
  const { credential_kind: kind, credential_sealed: sealed } = columns
  if (kind === 'github-app') return { kind }
  if (kind === 'none' || sealed === null) return { kind: 'none' }

  const secret = vault.open(sealed, place)
  if (kind === 'deploy-key') return { kind, privateKey: secret, publicKey: columns.deploy_public_key ?? '' }
  return parseToken(secret)
}

export function sealAccess(vault: Vault, credentials: RepositoryAccess, place: Place): AccessColumns {
  switch (credentials.kind) {
    case 'none':
    case 'github-app':
      return { credential_kind: credentials.kind, credential_sealed: null, deploy_public_key: null }
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
