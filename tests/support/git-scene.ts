import { join } from 'node:path'
import type { GitCredentials, Remote } from '../../server/git/remote.js'
import { parseRepositoryUrl } from '../../server/git/repository-url.js'
import { Secret } from '../../server/platform/secret.js'
import { startGitServer } from './git-server.js'
import { startLocalHost } from './host-kinds.js'

export type GitScene = Awaited<ReturnType<typeof startGitScene>>

/** A Git server, a host that fetches from it, and the credentials that let it in. */
export async function startGitScene() {
  const server = await startGitServer()
  const { host, stop } = await startLocalHost()
  const { root } = host
  let made = 0

  const url = (address: string) => parseRepositoryUrl(address, server.protocols)
  const token = (text = server.token): GitCredentials => ({ kind: 'token', user: null, token: new Secret(text) })
  const deployKey = ({ privateKey, publicKey } = server.key): GitCredentials => ({
    kind: 'deploy-key',
    privateKey,
    publicKey,
  })
  return {
    server,
    host,
    root,
    token,
    deployKey,
    url,
    /** A folder of its own for each call. */
    remote: (address: string, credentials: GitCredentials = token()): Remote => ({
      folder: join(root, `sites/${++made}/git`),
      url: url(address),
      credentials,
    }),
    stop: async () => {
      await server.stop()
      await stop()
    },
  }
}
