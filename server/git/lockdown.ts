import { type Command, cmd, type Word } from '../platform/shell/command.js'
import type { RepositoryUrl } from './repository-url.js'

/** What a command that talks to another machine needs: made by `withAccess` only. No secret in it, only file names. */
export interface RemoteAccess {
  readonly url: RepositoryUrl
  /** The folder of this one use, so that a run that was lost and wakes up again cannot take away its successor's. */
  readonly secrets: string
  readonly environment: readonly string[]
  readonly config: readonly string[]
}

/** Git that can reach no other machine. */
export const localGit = (...words: readonly Word[]): Command => lockedDown('none', [], words)

/** The same with a work tree and an index of its own, both outside of the repository. */
export const workTreeGit = (
  at: { repository: string; index: string; into: string },
  ...words: readonly Word[]
): Command =>
  lockedDown(
    'none',
    [`GIT_INDEX_FILE=${at.index}`],
    ['-C', at.into, `--git-dir=${at.repository}`, `--work-tree=${at.into}`, ...words],
  )

/** Git that can reach other machines, over the protocol of this one address. */
export const remoteGit = ({ url, ...access }: RemoteAccess, ...words: readonly Word[]): Command =>
  lockedDown(url.protocol, access.environment, [
    ...flags([`protocol.${url.protocol}.allow=always`, ...access.config]),
    ...words,
  ])

/** On top of the clean environment that a `Host` gives. */
const environment = [
  'LC_ALL=C', // messages are matched by `explain`
  'HOME=/nonexistent', // no ~/.netrc, and no ~/.gitconfig for a Git older than 2.32, which ignores GIT_CONFIG_GLOBAL
  'XDG_CONFIG_HOME=/nonexistent',
  'GIT_TERMINAL_PROMPT=0',
  'GIT_CONFIG_NOSYSTEM=1',
  'GIT_CONFIG_GLOBAL=/dev/null',
  'GIT_ATTR_NOSYSTEM=1',
]

const config = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.askPass=',
  'credential.helper=', // empties the list
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'protocol.allow=never',
  'http.followRedirects=false', // a redirect could lead into an inner network, and carry the token there
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'gc.autoDetach=false', // nothing of ours goes on after its command
  'maintenance.autoDetach=false',
]

const flags = (settings: readonly string[]): string[] => settings.flatMap((setting) => ['-c', setting])

function lockedDown(protocol: string, variables: readonly string[], words: readonly Word[]): Command {
  const set = [...environment, `GIT_ALLOW_PROTOCOL=${protocol}`, ...variables]
  return cmd('env', ...set, 'git', ...flags(config), ...words)
}
