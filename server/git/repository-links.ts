import type { CommitSha } from './ref-name.js'
import { webOrigin } from './repository-key.js'
import type { RepositoryUrl } from './repository-url.js'

/** "owner/name", or only the name where the host has no owners. */
export function repositoryName(url: RepositoryUrl): string {
  return plainPath(url).split('/').slice(-2).join('/')
}

/** The page that shows a commit to people; null where the kind of host is not known. */
export function commitLink(url: RepositoryUrl, sha: CommitSha): string | null {
  const page = commitPageOf(url.host)
  return page === null ? null : `${webOrigin(url)}/${plainPath(url)}/${page}/${sha}`
}

/** The page where a deploy key is pasted; null where the kind of host is not known. */
export function deployKeyLink(url: RepositoryUrl): string | null {
  const page = keyPages.find(([host]) => host.test(url.host))?.[1]
  return page === undefined ? null : `${webOrigin(url)}/${plainPath(url)}/${page}`
}

const commitPages: readonly (readonly [RegExp, string])[] = [
  [/^github\./, 'commit'],
  [/^gitlab\./, '-/commit'],
  [/^bitbucket\.org$/, 'commits'],
  [/^(codeberg\.org|gitea\.|forgejo\.)/, 'commit'],
]

const keyPages: readonly (readonly [RegExp, string])[] = [
  [/^github\./, 'settings/keys/new'],
  [/^gitlab\./, '-/settings/repository'],
  [/^bitbucket\.org$/, 'admin/access-keys/'],
  [/^(codeberg\.org|gitea\.|forgejo\.)/, 'settings/keys'],
]

const commitPageOf = (host: string): string | null => commitPages.find(([name]) => name.test(host))?.[1] ?? null

const plainPath = (url: RepositoryUrl): string => url.path.replace(/\/$/, '').replace(/\.git$/, '')
