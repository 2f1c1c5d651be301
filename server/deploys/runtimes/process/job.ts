import { cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import type { Scripts } from '../../../platform/ssh/scripts.js'
import { shellEnvironment } from '../environment.js'
import type { Environment } from '../runtime.js'
import * as commands from './commands.js'
import { type Job, planText } from './plan.js'
import { unitText } from './unit.js'

export const timeoutMs = 60_000

export interface Work {
  readonly job: Job
  readonly command: string
  /** Or a file on the host that holds it already. */
  readonly environment: Environment | { readonly file: string }
}

/** Everything that start.sh needs in its folder. Whatever lay there stays, so that an instance's log is not lost. */
export async function putJob(
  host: Host,
  scripts: Scripts,
  folder: string,
  { job, command, environment }: Work,
): Promise<void> {
  await host.run(cmd('mkdir', '-p', '-m', '755', '--', folder), { timeoutMs })
  if (isFile(environment)) await host.run(cmd('cp', '--', environment.file, `${folder}/env.sh`), { timeoutMs })
  else await host.upload(`${folder}/env.sh`, shellEnvironment(environment), 0o600)
  await host.upload(`${folder}/command`, `${command}\n`, 0o644)
  await host.upload(`${folder}/plan`, planText(job), 0o644)
  if (job.ownSession) await host.upload(`${folder}/unit`, unitText(job, folder), 0o644)
  await host.run(commands.settle(scripts, folder), { timeoutMs })
}

const isFile = (environment: Work['environment']): environment is { readonly file: string } =>
  typeof environment.file === 'string'
