import { cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { type NewFile, putFiles } from '../../../platform/ssh/put-files.js'
import type { Scripts } from '../../../platform/ssh/scripts.js'
import { shellEnvironment } from '../environment.js'
import type { Environment, WorkIo } from '../runtime.js'
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

/**
 * Everything that start.sh needs in its folder. Whatever lay there stays, so that an instance's log is not lost.
 * @param run where it is to run at once, to its end: in the same command, since each costs as much as a small file
 */
export async function putJob(
  host: Host,
  scripts: Scripts,
  folder: string,
  { job, command, environment }: Work,
  run?: WorkIo,
): Promise<void> {
  const files: NewFile[] = [
    { name: 'command', content: `${command}\n`, mode: 0o644 },
    { name: 'plan', content: planText(job), mode: 0o644 },
  ]
  if (job.ownSession) files.push({ name: 'unit', content: unitText(job, folder), mode: 0o644 })
  if (!isFile(environment)) files.push({ name: 'env.sh', content: shellEnvironment(environment), mode: 0o600 })
  const copies = isFile(environment) ? [cmd('cp', '--', environment.file, `${folder}/env.sh`)] : []
  const ready = [...copies, commands.settle(scripts, folder)]
  if (!run) return putFiles(host, folder, files, { timeoutMs, next: ready })
  const next = [...ready, commands.runJob(folder)]
  await putFiles(host, folder, files, { ...run, next, display: `“${command}”`, maxBytes: Number.MAX_SAFE_INTEGER })
}

const isFile = (environment: Work['environment']): environment is { readonly file: string } =>
  typeof environment.file === 'string'
