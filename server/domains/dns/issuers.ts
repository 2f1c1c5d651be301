import type { PlatformConfig } from '../../platform/services.js'

type Settings = Pick<NonNullable<PlatformConfig['acme']>, 'url' | 'email'> | undefined

/** How CAs that many use are called in CAA records, by the domain of their ACME directory. */
const names: Readonly<Record<string, string>> = {
  'letsencrypt.org': 'letsencrypt.org',
  'zerossl.com': 'sectigo.com',
  'pki.goog': 'pki.goog',
}

/**
 * Who may have to make a certificate, by the names in CAA records; null where we do not know how the CA is called there. One of them is
 * enough: Caddy asks Let's Encrypt, and ZeroSSL when that fails, unless it is told anything. What is obtained by DNS is from one alone.
 */
export function caaIssuersOf(settings: Settings, byDns: boolean): string[] | null {
  const { url = null, email = null } = settings ?? {}
  if (url === null) return byDns || email !== null ? ['letsencrypt.org'] : ['letsencrypt.org', 'sectigo.com']
  const known = Object.entries(names).find(([domain]) => `.${url.hostname}`.endsWith(`.${domain}`))
  return known ? [known[1]] : null
}
