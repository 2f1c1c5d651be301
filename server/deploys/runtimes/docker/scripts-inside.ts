import { quote } from '../../../platform/shell/quote.js'
import { parseFolder } from '../../stacks/root-folder.js'
import { within } from '../places.js'
import type { BuildPlan, InstancePlan } from '../runtime.js'
import { servedFolder } from '../static-start.js'

/** Exit code of a build that left nothing to serve. */
export const nothingToServe = 78

const commandFile = '/hostler/command'

/** Runs inside the build, as a secret. The site's own text is read from a file: it is never part of ours. */
export function buildScript(plan: BuildPlan): string {
  const folder = within('/app', parseFolder(plan.rootFolder))
  const served = servedFolder('/app', plan)
  const build =
    plan.buildCommand === null
      ? []
      : [
          'if [ -s /run/secrets/authorities ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/authorities; fi',
          '( set -- "$(cat /run/secrets/command)"; . /run/secrets/environment; exec /bin/bash -c "$1" ) || exit',
        ]
  const serve = [
    `[ -d ${quote(served)} ] || { echo 'The build left nothing to serve'; exit ${nothingToServe}; }`,
    `cp -a ${quote(served)}/. /site/`,
  ]
  const lines = [
    `cd ${quote(folder)} || exit`,
    `PATH="$PWD/node_modules/.bin:$PATH"`,
    'export PATH',
    ...build,
    ...(plan.stack === 'static' ? serve : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Runs inside the container as its first program; the command lies beside it. */
export function startScript(instance: InstancePlan): string {
  const enter =
    instance.stack === 'node'
      ? [
          `cd ${quote(within('/app', parseFolder(instance.rootFolder)))} || exit`,
          'PATH="$PWD/node_modules/.bin:$PATH"',
          'export PATH',
        ]
      : []
  // As start.sh of the process runtime: bash becomes the last program of a list, which thereby gets the signals.
  const run = [
    `if [ -x /bin/bash ]; then exec /bin/bash -c "$(cat ${commandFile})"; fi`,
    `exec /bin/sh -c "$(cat ${commandFile})"`,
  ]
  return `${[...enter, ...run].join('\n')}\n`
}

/** Null: what the image starts by itself. */
export function startText(instance: InstancePlan): string | null {
  if (instance.startCommand !== null) return instance.startCommand
  return instance.stack === 'static' ? 'exec node /opt/hostler/serve.mjs /site' : null
}
