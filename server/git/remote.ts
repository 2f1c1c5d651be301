import type { Secret } from '../platform/secret.js'
import type { RepositoryUrl } from './repository-url.js'

export type GitCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly user: string | null; readonly token: Secret }
  | { readonly kind: 'deploy-key'; readonly privateKey: Secret; readonly publicKey: string }

/** A repository on another machine, and how to get in. */
export interface Source {
  readonly url: RepositoryUrl
  readonly credentials: GitCredentials
}

/** The same with the folder on a host that is ours for it: the mirror, its pinned host key, its locks. */
export interface Remote extends Source {
  readonly folder: string
}
