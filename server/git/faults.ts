import { UserError } from '../platform/errors.js'
import { CommandTimeoutError, RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import type { Source } from './remote.js'
import { deployKeyLink, repositoryName } from './repository-links.js'

interface Fault {
  readonly line: RegExp
  readonly status: number
  readonly tell: (source: Source, host: string) => readonly [message: string, hint: string]
}

/**
 * What Git or ssh said, as a sentence about this repository; null when it is not known. The host's own troubles (a full
 * disk, Git not installed) are left to `explain` of platform/ssh.
 */
export function explainFault(error: unknown, source: Source): UserError | null {
  if (!(error instanceof RemoteCommandError)) return null
  const fault = error instanceof CommandTimeoutError ? tooSlow : faultOf(error.lastLines)
  if (!fault) return null
  const [message, hint] = fault.tell(source, error.host)
  return new UserError(fault.status, message, hint, { cause: error })
}

/** The first that fits wins, so the particular stands before the general. */
const faultOf = (lines: readonly string[]): Fault | undefined =>
  faults.find(({ line }) => lines.some((text) => line.test(text)))

const tooSlow: Fault = {
  line: /(?!)/,
  status: 504,
  tell: ({ url }, host) => [
    `${url.host} did not finish answering ${host} in time`,
    'Check that the address is right and that the Git server is up, then try again.',
  ],
}

const missing: Fault = {
  line: /repository .*not found|The requested URL returned error: 404|does not appear to be a git repository|project you were looking for could not be found|could not read (?:Username|Password)/i,
  status: 422,
  tell: (source) => [
    `${repositoryName(source.url)} was not found on ${source.url.host}, or it is private`,
    hintForPrivate(source),
  ],
}

const refusedToken: Fault = {
  line: /Authentication failed for|HTTP Basic: Access denied|Invalid username or (?:token|password)|Invalid credentials|The requested URL returned error: 40[13]/i,
  status: 422,
  tell: (source) =>
    source.credentials.kind === 'token'
      ? [
          `${source.url.host} did not accept the token for ${repositoryName(source.url)}`,
          'It may have expired, or may not read this repository. Make a new one and enter it again.',
        ]
      : missing.tell(source, ''),
}

const refusedKey: Fault = {
  line: /Permission denied \([^)]*(?:publickey|password|keyboard)|Permission denied, please try again|Load key .*: /,
  status: 422,
  tell: (source) =>
    source.credentials.kind === 'deploy-key'
      ? [`${source.url.host} did not accept the deploy key`, addTheKey(source)]
      : [`${source.url.host} lets nobody in without a key`, 'Choose a deploy key for this repository.'],
}

const unreachable =
  /Connection (?:refused|timed out)|Failed to connect to|Operation timed out|No route to host|Network is unreachable|Couldn't connect to server/i

const faults: readonly Fault[] = [
  refusedKey,
  refusedToken,
  {
    line: /The requested URL returned error: 30\d|unable to update url base from redirection/,
    status: 422,
    tell: ({ url }) => [
      `${repositoryName(url)} has moved to another address on ${url.host}`,
      'Redirects are not followed. Copy the new clone address from its page.',
    ],
  },
  missing,
  {
    line: /Could not resolve host|Temporary failure in name resolution|Name or service not known/i,
    status: 422,
    tell: ({ url }, host) => [
      `${host} could not find the address of ${url.host}`,
      `Check that the name is spelled right and that DNS works on ${host}.`,
    ],
  },
  {
    line: unreachable,
    status: 504,
    tell: ({ url }, host) => [
      `${host} could not connect to ${url.host}${url.port === null ? '' : ` on port ${url.port}`}`,
      'Check the address, and that no firewall is in the way.',
    ],
  },
  {
    line: /SSL certificate problem|certificate verif\w+ failed|SSL: no alternative certificate/i,
    status: 422,
    tell: ({ url }, host) => [
      `${host} does not trust the certificate of ${url.host}`,
      'The certificate may have expired, or its authority is unknown to that machine.',
    ],
  },
  {
    line: /couldn't find remote ref/i,
    status: 409,
    tell: ({ url }) => [
      `The branch is not in ${repositoryName(url)}`,
      'It was renamed or deleted. Choose another branch.',
    ],
  },
  {
    line: /transport '.*' not allowed/,
    status: 422,
    tell: () => ['Git refused the protocol of this address', 'Use an https:// or ssh:// address.'],
  },
  {
    line: /not valid: is this a git repository|protocol error: |invalid server response/i,
    status: 422,
    tell: ({ url }) => [
      `${url.host} answered, but not as a Git server does`,
      'Copy the clone address of the repository, not that of a page.',
    ],
  },
  {
    line: /early EOF|hung up unexpectedly|unexpected disconnect|RPC failed|Connection (?:reset|closed) by/i,
    status: 504,
    tell: ({ url }) => [`The connection to ${url.host} broke off`, 'This often passes. Try again.'],
  },
]

function hintForPrivate(source: Source): string {
  const { url, credentials } = source
  if (url.protocol === 'ssh') return `Check the address. If it is right: ${addTheKey(source)}`
  return credentials.kind === 'token'
    ? 'Check the address, and that the token may read this repository.'
    : 'Check the address. If the repository is private, enter a token that may read it.'
}

function addTheKey({ url, credentials }: Source): string {
  if (credentials.kind !== 'deploy-key') return 'Choose a deploy key for this repository.'
  const place = deployKeyLink(url) ?? 'the settings of the repository, under deploy keys'
  return `Add this public key, with permission to read, at ${place} – ${credentials.publicKey.trim()}`
}
