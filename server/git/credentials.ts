import { randomUUID } from 'node:crypto'
import { UserError } from '../platform/errors.js'
import { Secret } from '../platform/secret.js'
import { all, cmd, into } from '../platform/shell/command.js'
import { quote } from '../platform/shell/quote.js'
import type { Host } from '../platform/ssh/host.js'
import { makeFolders, partsOf } from './commands.js'
import { explainFault } from './faults.js'
import { hostKeyFault } from './host-keys.js'
import { type GitIo, quietly } from './io.js'
import type { RemoteAccess } from './lockdown.js'
import type { Remote } from './remote.js'
import type { RepositoryUrl } from './repository-url.js'

/**
 * Lends the credentials to `work`: they lie in 0600 files on the host while it runs and are removed after it, however it
 * ended. A killed worker leaves them to the next `tidy` of the same folder. What Git complains of becomes a `UserError`
 * where the reason is known.
 */
export async function withAccess<T>(
  host: Host,
  remote: Remote,
  io: GitIo,
  work: (access: RemoteAccess) => Promise<T>,
): Promise<T> {
  checkFit(remote)
  if (remote.credentials.kind === 'none') return withoutSecrets(host, remote, work)
  const secrets = `${partsOf(remote.folder).secrets}/${randomUUID()}`
  const takeAway = () => host.run(cmd('rm', '-rf', '--', secrets), { timeoutMs: fileMs })
  let result: T
  try {
    await putDown(host, remote, secrets, io)
    result = await work(accessTo(remote, secrets))
  } catch (error) {
    // The first error is the one to tell of; what could not be removed now is removed by the next run.
    await takeAway().catch(() => undefined)
    throw await asSentence(host, remote, error)
  }
  await takeAway()
  return result
}

async function withoutSecrets<T>(host: Host, remote: Remote, work: (access: RemoteAccess) => Promise<T>): Promise<T> {
  try {
    return await work(accessTo(remote, partsOf(remote.folder).secrets))
  } catch (error) {
    throw await asSentence(host, remote, error)
  }
}

const asSentence = async (host: Host, remote: Remote, error: unknown): Promise<unknown> =>
  (await hostKeyFault(host, remote, error)) ?? explainFault(error, remote) ?? error

function checkFit({ url, credentials }: Remote): void {
  if (credentials.kind === 'token' && url.protocol === 'ssh') {
    throw new UserError(
      422,
      'An SSH address takes a deploy key, not a token',
      'Use the https:// address with the token.',
    )
  }
  if (credentials.kind === 'deploy-key' && url.protocol !== 'ssh') {
    throw new UserError(
      422,
      'A deploy key works only with an SSH address',
      'Use the address that starts with git@ or ssh://.',
    )
  }
}

/** In one command, and not by `upload`: nobody else reads the file, so it need not appear whole. */
async function putDown(host: Host, { folder, url, credentials }: Remote, secrets: string, io: GitIo): Promise<void> {
  if (credentials.kind === 'none') return
  const make = makeFolders(folder, partsOf(folder).secrets, secrets)
  const secret =
    credentials.kind === 'token'
      ? tokenLine(url, credentials)
      : new Secret(`${credentials.privateKey.reveal().trim()}\n`)
  const write = into(cmd('cat'), secretFile(secrets))
  await host.run(all(make, cmd('umask', '077'), write), { ...quietly(io, fileMs), stdin: secret })
}

function accessTo({ folder, url, credentials }: Remote, secrets: string): RemoteAccess {
  const { knownHosts } = partsOf(folder)
  const file = secretFile(secrets)
  switch (credentials.kind) {
    case 'none':
      return { url, secrets, config: [], environment: [sshCommand(knownHosts, ['PubkeyAuthentication=no'])] }
    case 'token':
      // Git's own helper gives the line only to the host and port it names. It runs through a shell, hence the quotes.
      return { url, secrets, config: [`credential.helper=store --file=${quote(file)}`], environment: [] }
    case 'deploy-key':
      return { url, secrets, config: [], environment: [sshCommand(knownHosts, [`IdentityFile=${sshPath(file)}`])] }
  }
}

const secretFile = (secrets: string): string => `${secrets}/secret`

function tokenLine(url: RepositoryUrl, { user, token }: { user: string | null; token: Secret }): Secret {
  const name = encodeURIComponent(user || userFor(url.host))
  const port = url.port === null ? '' : `:${url.port}`
  return new Secret(`${url.protocol}://${name}:${encodeURIComponent(token.reveal())}@${url.host}${port}\n`)
}

/** Hosts look at the token and want any name with it, but two want a certain one for some kinds of token. */
function userFor(host: string): string {
  if (host === 'bitbucket.org') return 'x-token-auth'
  return host === 'github.com' ? 'x-access-token' : 'oauth2'
}

/** Neither the agent, keys nor settings of the user that Hostler works as on that machine may play a part. */
function sshCommand(knownHosts: string, identity: readonly string[]): string {
  const options = [
    ...identity,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    `UserKnownHostsFile=${sshPath(knownHosts)}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=accept-new',
    'HashKnownHosts=no',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=4',
  ]
  return `GIT_SSH_COMMAND=ssh -F /dev/null ${options.map((option) => `-o ${quote(option)}`).join(' ')}`
}

/** In an option of ssh, % starts a token and a space ends the value. */
const sshPath = (file: string): string => `"${file.replaceAll('%', '%%')}"`

const fileMs = 30_000
