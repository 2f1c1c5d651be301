import { LRUCache } from 'lru-cache'
import { maybeRepositoryKey } from '../git/repository-key.js'

/**
 * The repositories that a payload speaks of, found in its text without reading all of it: 25 MB of JSON take a fifth of a
 * second to parse, and until the signature was checked anybody may have sent them. It only says whose secret to try; what
 * the delivery is about is read afterwards.
 */
export function mentionedRepositories(text: string): string[] {
  const found = new Set<string>()
  for (const match of text.matchAll(addresses)) {
    const key = keyOf(match[1] ?? '')
    if (key) found.add(key)
    if (found.size >= mostRepositories) break
  }
  return [...found]
}

/** As the hosts name the addresses of a repository. Addresses that Hostler takes are plain ASCII. */
const addresses = /"(?:clone_url|ssh_url|html_url|git_http_url|git_ssh_url|web_url)"\s{0,8}:\s{0,8}"([^"\n]{1,1000})"/g

const mostRepositories = 50

/** A payload has a dozen addresses, and the next one the same. */
const keys = new LRUCache<string, string>({ max: 5_000 })

function keyOf(address: string): string {
  const known = keys.get(address)
  if (known !== undefined) return known
  const own = copyOf(address)
  const key = maybeRepositoryKey(own.replaceAll('\\/', '/')) ?? ''
  keys.set(own, key)
  return key
}

/** What was cut out of a text holds on to all of it in V8, and this text may be 25 MB of anybody's. */
const copyOf = (text: string): string => Buffer.from(text).toString()

/** The installation of an app that a payload of GitHub speaks of; of several the first, which is its own. */
export const mentionedInstallation = (text: string): string | null => installations.exec(text)?.[1] ?? null

const installations = /"installation"\s{0,8}:\s{0,8}\{\s{0,8}"id"\s{0,8}:\s{0,8}(\d{1,20})\b/
