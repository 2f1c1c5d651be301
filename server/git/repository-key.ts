import { parseRepositoryUrl, type RepositoryUrl } from './repository-url.js'

/** Names that lead to the same host: its SSH on port 443, and www. */
const sameHost: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'www.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
}

/**
 * `github.com/acme/shop`: one spelling of a repository however it is cloned, so that a push can be matched with sites.
 * Ports are left out, since a host has another one for SSH than for HTTPS; case is, since the hosts tell no two
 * repositories apart by it.
 */
export function repositoryKey(url: Pick<RepositoryUrl, 'host' | 'path'>): string {
  const path = decodeURIComponent(url.path)
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/i, '')
  return `${sameHost[url.host] ?? url.host}/${path}`.toLowerCase()
}

/** `github.com` of the key `github.com/acme/shop`. */
export const hostOf = (key: string): string => key.slice(0, key.indexOf('/'))

/** `acme/shop` of it. */
export const pathOf = (key: string): string => key.slice(key.indexOf('/') + 1)

/** Where the host has its pages. An SSH address says nothing of their port. */
export function webOrigin({ protocol, host, port }: Pick<RepositoryUrl, 'protocol' | 'host' | 'port'>): string {
  const name = sameHost[host] ?? host
  return protocol === 'ssh' ? `https://${name}` : `${protocol}://${name}${port === null ? '' : `:${port}`}`
}

/** The key of an address as somebody wrote it; null when it is none. */
export function maybeRepositoryKey(address: string): string | null {
  try {
    return repositoryKey(parseRepositoryUrl(address, ['https', 'ssh', 'http']))
  } catch {
    return null
  }
}
