import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { maxSatisfying, satisfies } from 'semver'
import { UserError } from '../../platform/errors.js'
import { cmd } from '../../platform/shell/command.js'
import type { Host } from '../../platform/ssh/host.js'
import { RemoteCommandError } from '../../platform/ssh/remote-command-error.js'
import { scriptFolder } from '../../platform/ssh/script-folder.js'
import { ensureScripts } from '../../platform/ssh/scripts.js'
import { Catalogue } from './catalogue.js'
import * as commands from './commands.js'
import { npmLineFor } from './npm-line.js'
import { ensureParcel } from './parcels.js'
import { maybeNode, resolveNode } from './resolve.js'
import type { NodeWish } from './wish.js'

const scriptsFolder = scriptFolder(import.meta.url)
const timeoutMs = 60_000
const sendingTimeoutMs = 10 * 60_000

/** Finds the exact Node a site gets, and puts it on the site's machine. Both runtimes use the same files. */
export class NodeVersions {
  readonly #panel: Host
  readonly #folder: string
  readonly #now: () => Date
  readonly #catalogue: Catalogue

  /** `panel` is the panel's own machine, whose npm knows the registry; `folder` is where it keeps what it fetched. */
  constructor({ panel, folder, now }: { panel: Host; folder: string; now: () => Date }) {
    this.#panel = panel
    this.#folder = folder
    this.#now = now
    this.#catalogue = new Catalogue(panel, folder, now)
  }

  /** The exact version for what a repository asks for. Throws a `UserError` that names the wish and what can be had. */
  async choose(host: Host, wish: NodeWish | null): Promise<string> {
    const versions = await this.#catalogue.versionsOf(commands.nodePackage(await platformOf(host)))
    const now = this.#now()
    const best = resolveNode(wish, { versions, now })
    if (!satisfies(best, firstWithLibatomic) || (await hasLibatomic(host))) return best
    const startable = versions.filter((version) => !satisfies(version, firstWithLibatomic))
    // A version that was asked for by name is refused with advice when it is installed, not passed over in silence.
    return maybeNode(wish, { versions: startable, now }) ?? best
  }

  /** The folder on the host that holds this Node with its npm: `<root>/node/<version>`, with `bin/node` in it. Sent once. */
  ensure(host: Host, version: string): Promise<string> {
    return host.learned.once(`Node ${version}`, (machine) => this.#ensure(machine, version))
  }

  async #ensure(host: Host, version: string): Promise<string> {
    const folder = commands.nodeFolder(host.root, version)
    if ((await host.status(commands.isInstalled(host.root, version), { timeoutMs })) === 0) return folder

    const node = await this.#parcel(commands.nodePackage(await platformOf(host)), version)
    const npm = await this.#parcel('npm', await this.#npmFor(version))
    const scripts = await ensureScripts(host, scriptsFolder)
    const sent = { node: await send(host, node), npm: await send(host, npm) }
    const install = commands.installNode(scripts('install-node.sh'), host.root, version, sent)
    await host.run(install, { timeoutMs: sendingTimeoutMs }).catch((error) => {
      throw withAdvice(error, host, version)
    })
    return folder
  }

  async #npmFor(nodeVersion: string): Promise<string> {
    const line = npmLineFor(nodeVersion)
    const newest = maxSatisfying([...(await this.#catalogue.versionsOf('npm'))], line)
    if (!newest) throw new UserError(422, `No npm ${line} can be had, which Node ${nodeVersion} needs`)
    return newest
  }

  #parcel(packageName: string, version: string): Promise<commands.Parcel> {
    return ensureParcel(this.#panel, join(this.#folder, 'packages'), packageName, version)
  }
}

const platformOf = (host: Host): Promise<commands.Platform> => host.learned.once('its platform', askPlatform)

async function askPlatform(host: Host): Promise<commands.Platform> {
  const name = (await host.capture(commands.machineName(), { timeoutMs })).trim()
  if (name === 'Linux x86_64') return 'linux-x64'
  if (name === 'Linux aarch64') return 'linux-arm64'
  throw new UserError(
    422,
    `${host.name} is a ${name.slice(0, 60)}, for which Hostler has no Node`,
    'Use a 64-bit Linux.',
  )
}

/** Under a name of its own: the script removes it, and two at once must not remove each other's. */
async function send(host: Host, parcel: commands.Parcel): Promise<commands.Parcel> {
  const folder = `${host.root}/node/incoming`
  await host.run(cmd('mkdir', '-p', '--', folder), { timeoutMs })
  const file = `${folder}/${randomUUID()}-${basename(parcel.file)}`
  await host.upload(file, createReadStream(parcel.file), 0o600)
  return { file, sha256: parcel.sha256 }
}

/** From here on, Node needs a library that a small Debian lacks. */
const firstWithLibatomic = '>=25'

async function hasLibatomic(host: Host): Promise<boolean> {
  return (await host.capture(commands.findLibatomic(), { timeoutMs })).trim() !== ''
}

function withAdvice(error: unknown, host: Host, version: string): unknown {
  const lines = error instanceof RemoteCommandError ? error.lastLines.join('\n') : ''
  const [, library] = /loading shared libraries: (\S+):/.exec(lines) ?? []
  if (library === undefined) return error
  const hint = library.startsWith('libatomic')
    ? 'Prepare the server again, or install the package libatomic1 there, then deploy again.'
    : 'Use a Debian or Ubuntu server, or another version of Node.'
  return new UserError(422, `Node ${version} does not start on ${host.name}: it lacks ${library}`, hint, {
    cause: error,
  })
}
