import { UserError } from '../../../platform/errors.js'
import { Secret } from '../../../platform/secret.js'
import { cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { RemoteCommandError } from '../../../platform/ssh/remote-command-error.js'
import { parseFolder } from '../../stacks/root-folder.js'
import { ensureStaticServer } from '../../stacks/static-server.js'
import { buildEnvironment, shellEnvironment } from '../environment.js'
import { buildFolder, within } from '../places.js'
import type { BuildPlan, WorkIo } from '../runtime.js'
import * as commands from './commands.js'
import * as dockerfiles from './dockerfiles.js'
import { authoritiesOn, findClient, timeoutMs } from './images.js'
import { buildScript, nothingToServe } from './scripts-inside.js'

/** Builds the release's image. Secrets lie in 0600 files for as long as it builds. */
export async function buildRelease(host: Host, plan: BuildPlan, io: WorkIo): Promise<string> {
  const folder = buildFolder(plan)
  const image = commands.releaseImage(plan)
  try {
    await host.run(cmd('mkdir', '-p', '-m', '700', '--', folder), { timeoutMs })
    const what = plan.stack === 'dockerfile' ? await ofRepository(host, plan, folder) : await ofOurs(host, plan, folder)
    const labels = [commands.siteLabel(plan.place), `hostler.release=${plan.release}`]
    const build = commands.buildImage({ client: await findClient(host), image, labels, ...what })
    await host.run(build, { ...io, maxBytes: Number.MAX_SAFE_INTEGER })
  } catch (error) {
    throw withAdvice(error, plan)
  } finally {
    await host.run(cmd('rm', '-rf', '--', folder), { timeoutMs })
  }
  // Of an earlier try at the same release.
  await host.run(commands.pruneImages(plan.place), { timeoutMs })
  return image
}

type What = Pick<commands.ImageBuild, 'dockerfile' | 'context' | 'secrets'>

async function ofOurs(host: Host, plan: BuildPlan, folder: string): Promise<What> {
  const { nodeVersion } = plan
  if (nodeVersion === null) throw new Error(`A build of ${plan.stack} needs a Node version`)
  const built = { nodeVersion, siteId: plan.place.siteId, release: plan.release, hasBuild: plan.buildCommand !== null }
  const text =
    plan.stack === 'static'
      ? dockerfiles.staticDockerfile(built, await ensureStaticServer(host))
      : dockerfiles.nodeDockerfile(built)
  const authorities = await authoritiesOn(host)
  const secrets = {
    build: buildScript(plan),
    command: `${plan.buildCommand ?? ''}\n`,
    environment: shellEnvironment(buildEnvironment(plan.buildEnvironment)),
    ...(authorities === null ? { authorities: '' } : {}),
  }
  await host.upload(`${folder}/Dockerfile`, text, 0o600)
  await host.upload(`${folder}/Dockerfile.dockerignore`, dockerfiles.ignoredFiles, 0o600)
  const files = await uploaded(host, folder, secrets)
  return {
    dockerfile: `${folder}/Dockerfile`,
    context: plan.source,
    secrets: authorities === null ? files : { ...files, authorities },
  }
}

/** Every build-time variable is a secret of its own name, and all together are `environment`, to be read by a shell. */
async function ofRepository(host: Host, plan: BuildPlan, folder: string): Promise<What> {
  const context = await realFolder(host, plan)
  const dockerfile = `${context}/Dockerfile`
  const seen = await host.capture(cmd('find', context, '-maxdepth', '1', '-name', 'Dockerfile', '-type', 'f'), {
    timeoutMs,
  })
  if (seen.trim() === '') {
    throw new UserError(
      422,
      'There is no Dockerfile in the root folder of the site',
      'Add one, or change the kind of the site in its settings.',
    )
  }
  const environment = shellEnvironment(plan.buildEnvironment)
  return { dockerfile, context, secrets: await uploaded(host, folder, { ...plan.buildEnvironment, environment }) }
}

/** A link in the repository must not make another folder of the machine the thing that is built. */
async function realFolder(host: Host, plan: BuildPlan): Promise<string> {
  const asked = within(plan.source, parseFolder(plan.rootFolder))
  const [top, folder] = (await host.capture(cmd('realpath', '-m', '--', plan.source, asked), { timeoutMs })).split('\n')
  if (top && folder && `${folder}/`.startsWith(`${top}/`)) return folder
  throw new UserError(
    422,
    'The root folder of the site leads out of the repository',
    'It is a link; name the folder itself.',
  )
}

async function uploaded(
  host: Host,
  folder: string,
  texts: Record<string, string | Secret>,
): Promise<Record<string, string>> {
  const entries = Object.entries(texts)
  for (const [name, text] of entries) {
    await host.upload(`${folder}/secret-${name}`, text instanceof Secret ? text : new Secret(text), 0o600)
  }
  return Object.fromEntries(entries.map(([name]) => [name, `${folder}/secret-${name}`]))
}

function withAdvice(error: unknown, plan: BuildPlan): unknown {
  if (!(error instanceof RemoteCommandError)) return error
  if (!error.lastLines.some((line) => line.includes(`exit code: ${nothingToServe}`))) return error
  return new UserError(
    422,
    `The build left no folder ${plan.staticFolder ?? ''} to serve`,
    'Check in the settings of the site which folder the build writes its pages to.',
    { cause: error },
  )
}
