import { UserError } from '../platform/errors.js'

declare const parsed: unique symbol

export type RepositoryProtocol = 'https' | 'ssh' | 'http'

/** Where a repository is. Only `parseRepositoryUrl` makes one, so whatever holds it may be handed to Git. */
export interface RepositoryUrl {
  readonly [parsed]: true
  /** What Git is given, and what is kept in the database. Never holds a secret. */
  readonly text: string
  readonly protocol: RepositoryProtocol
  readonly host: string
  readonly port: number | null
  /** The SSH user; null over HTTP, where the user belongs to the token. */
  readonly user: string | null
  /** Without the leading slash. */
  readonly path: string
}

type Parts = Omit<RepositoryUrl, typeof parsed | 'text'>

const longest = 1000
const hostName = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])$/
const sshUser = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/
const pathCharacters = /^[A-Za-z0-9._~+@%,=:/-]+$/

/**
 * Reads the address of a repository as a person typed it: `https://host/path`, `ssh://user@host/path` or
 * `git@host:path`. Throws `UserError` 422 with a sentence that says what to write instead.
 */
export function parseRepositoryUrl(text: string, allowed: readonly string[] = ['https', 'ssh']): RepositoryUrl {
  const address = text.trim()
  if (address === '') refuse('Enter the address of the repository')
  if (address.length > longest) refuse('The address is too long', `It may have ${longest} characters.`)
  if (/[\0-\x20\x7f-\x9f\u2028\u2029]/.test(address))
    refuse('The address contains a space, a line break or a control character')
  if (address.startsWith('-')) refuse('The address may not start with a dash')

  const parts = partsOf(address)
  if (!allowed.includes(parts.protocol))
    refuse(notAllowed(parts.protocol), `Use ${allowed.map((name) => `${name}://`).join(' or ')}.`)
  if (!hostName.test(parts.host) || parts.host.includes('..')) refuse('The host name in the address is not valid')
  checkPath(parts.path)
  return { ...parts, text: address } as RepositoryUrl // the brand exists only for the compiler
}

function partsOf(address: string): Parts {
  if (/^[a-z0-9+.-]*::/i.test(address)) refuse('Addresses with :: run a program and are not accepted')
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase()
  if (scheme === undefined) return scpParts(address)
  const rest = address.slice(scheme.length + 3)
  switch (scheme) {
    case 'https':
    case 'http':
      return webParts(scheme, rest)
    case 'ssh':
      return sshParts(rest)
    case 'file':
      return refuse(
        'The address is a folder on a machine',
        'Use an address that a server can reach: https:// or ssh://.',
      )
    case 'git':
      return refuse(
        'The git:// protocol is not encrypted and is not accepted',
        'Most hosts serve the same repository over https://.',
      )
    default:
      return refuse(`Addresses that start with ${scheme}:// are not accepted`, 'Use https:// or ssh://.')
  }
}

function webParts(protocol: 'https' | 'http', rest: string): Parts {
  const [authority, path] = cut(rest, '/')
  if (authority.includes('@')) {
    refuse(
      'Leave out the part before the @: the address is shown to everybody',
      'Put the user and the token in their own fields.',
    )
  }
  return { protocol, user: null, path, ...hostAndPort(authority) }
}

function sshParts(rest: string): Parts {
  const [authority, path] = cut(rest, '/')
  const at = authority.lastIndexOf('@')
  if (at < 0) refuse('The user is missing in the address', 'Most hosts want git: ssh://git@…')
  return { protocol: 'ssh', user: parseUser(authority.slice(0, at)), path, ...hostAndPort(authority.slice(at + 1)) }
}

/** `git@host:owner/name.git`. What has no user and no colon before its first slash is a local path. */
function scpParts(address: string): Parts {
  const match = /^([^/@]*)@([^/:@]+):(.*)$/.exec(address)
  if (!match)
    refuse(
      'The address is not that of a repository',
      'Examples: https://github.com/owner/name.git or git@github.com:owner/name.git.',
    )
  const [, user = '', host = '', path = ''] = match
  return { protocol: 'ssh', user: parseUser(user), host: host.toLowerCase(), port: null, path: path.replace(/^\//, '') }
}

function parseUser(user: string): string {
  if (user.includes(':')) refuse('The address contains a password', 'Leave it out; SSH uses the deploy key.')
  if (!sshUser.test(user)) refuse('The user in the address is not valid')
  return user
}

function hostAndPort(authority: string): { host: string; port: number | null } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority)
  const port = match?.[2] === undefined ? null : Number(match[2])
  if (!match || port === 0 || (port ?? 1) > 65535) refuse('The host or port in the address is not valid')
  return { host: (match[1] ?? '').toLowerCase(), port }
}

function checkPath(path: string): void {
  if (/[?#]/.test(path))
    refuse('The address may not contain ? or #', 'Copy the clone address, not that of the page in the browser.')
  const segments = path.replace(/\/$/, '').split('/')
  if (segments[0] === '') refuse('The address names a host but no repository')
  if (!pathCharacters.test(path)) refuse('The path of the repository contains characters that are not accepted')
  for (const segment of segments) checkSegment(decoded(segment))
}

function checkSegment(segment: string): void {
  if (segment.startsWith('-')) refuse('No part of the path of the repository may start with a dash')
  if (segment === '' || segment === '.' || segment === '..')
    refuse('The path of the repository may not contain //, /./ or /../')
  if (/[\0-\x1f\x7f/\\%]/.test(segment))
    refuse('The path of the repository contains an escaped character that is not accepted')
}

/** Git decodes the path before it uses it, so the checks look at what Git will see. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return refuse('The path of the repository contains a % that stands for no character')
  }
}

const notAllowed = (protocol: RepositoryProtocol): string =>
  protocol === 'http'
    ? 'http:// is not encrypted and is not accepted'
    : `${protocol}:// addresses are switched off on this panel`

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

function refuse(why: string, hint?: string): never {
  throw new UserError(422, why, hint)
}
