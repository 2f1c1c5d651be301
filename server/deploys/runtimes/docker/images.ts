import { UserError } from '../../../platform/errors.js'
import { cmd, either } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { RemoteCommandError } from '../../../platform/ssh/remote-command-error.js'
import { scriptFolder } from '../../../platform/ssh/script-folder.js'
import { ensureScripts, type Scripts } from '../../../platform/ssh/scripts.js'
import { ensureStaticServer } from '../../stacks/static-server.js'
import type { WorkIo } from '../runtime.js'
import * as commands from './commands.js'
import * as dockerfiles from './dockerfiles.js'

const scriptsFolder = scriptFolder(import.meta.url)
export const timeoutMs = 60_000

export const scriptsOn = (host: Host): Promise<Scripts> => ensureScripts(host, scriptsFolder)

/** The path of a client that can build on that machine. */
export async function findClient(host: Host): Promise<string> {
  const scripts = await scriptsOn(host)
  try {
    return (await host.capture(commands.findClient(scripts('find-client.sh')), { timeoutMs })).trim()
  } catch (error) {
    if (!(error instanceof RemoteCommandError) || error.exitCode !== 69) throw error
    throw new UserError(
      422,
      `Docker on ${host.name} cannot build images with secrets`,
      'Install its build plugin there (docker-buildx-plugin from Docker, docker-buildx from Debian and Ubuntu).',
      { cause: error },
    )
  }
}

/** The image that a Node version's sites start from. Made once for a machine. */
export async function ensureNodeImage(
  host: Host,
  node: { version: string; folder: string },
  io: WorkIo,
): Promise<void> {
  await ensureImage(
    host,
    dockerfiles.nodeImage(node.version),
    { dockerfile: dockerfiles.nodeBaseDockerfile, context: node.folder },
    io,
  )
}

/** The same with our static server in it. Returns the server's folder on the host, which is a part of the name. */
export async function ensureStaticImage(host: Host, nodeVersion: string, io: WorkIo): Promise<string> {
  const context = await ensureStaticServer(host)
  const dockerfile = dockerfiles.staticBaseDockerfile(dockerfiles.nodeImage(nodeVersion))
  await ensureImage(host, dockerfiles.staticImage(nodeVersion, context), { dockerfile, context }, io)
  return context
}

async function ensureImage(
  host: Host,
  image: string,
  from: { dockerfile: string; context: string },
  io: WorkIo,
): Promise<void> {
  if ((await host.status(commands.imageExists(image), { timeoutMs })) === 0) return
  io.onLine(`Preparing ${image}, once for this server`, 'stdout')
  const client = await findClient(host)
  await host.run(commands.buildBase(client, image, from.context), { ...io, stdin: from.dockerfile })
}

/** The authorities that the machine trusts, if it keeps a list: a company's own registry may need them. */
export async function authoritiesOn(host: Host): Promise<string | null> {
  const files = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt']
  const find = either(cmd('find', ...files, '-maxdepth', '0', '-print'), cmd('true'))
  const [first] = (await host.capture(find, { timeoutMs })).split('\n')
  return first || null
}
