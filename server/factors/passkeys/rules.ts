export type Purpose = 'add' | 'sign-in' | 'factor' | 'proof'

/** As long as somebody looks for their key. */
export const challengeMs = 5 * 60_000

/** Why browsers would refuse to make a passkey for a panel at this address; null when they do not. */
export function passkeysFault(baseUrl: URL): string | null {
  const { protocol, hostname } = baseUrl
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.startsWith('[')
  if (isAddress) return 'Browsers make passkeys for a name only, and this panel is reached by an address.'
  if (protocol !== 'https:' && hostname !== 'localhost')
    return 'Browsers make passkeys over HTTPS only, and this panel is reached without.'
  return null
}
