import { quote } from '../../../platform/shell/quote.js'
import type { Limits, SitePlace } from '../runtime.js'

export interface Job extends Limits {
  readonly place: SitePlace
  /** Where the command starts. */
  readonly directory: string
  readonly nodeFolder: string | null
  /** Of the control group and the systemd unit. */
  readonly name: string
  /** An instance outlives the command that starts it; a build ends with it. */
  readonly ownSession: boolean
}

/** What start.sh, sweep.sh and finish.sh read. Where the panel is not root, the site runs as whoever the panel is. */
export function planText(job: Job): string {
  const values = {
    SITE_USER: job.place.user,
    SITE_HOME: `${job.place.folder}/home`,
    DIRECTORY: job.directory,
    NODE_BIN: job.nodeFolder === null ? '/usr/local/bin' : `${job.nodeFolder}/bin`,
    MEMORY_BYTES: job.memoryMb * 1024 * 1024,
    CPU_QUOTA: Math.max(1000, Math.round(job.cpus * 100_000)),
    CGROUP: job.name,
    OWN_SESSION: job.ownSession ? 'yes' : 'no',
  }
  const lines = Object.entries(values).map(([key, value]) => `${key}=${quote(value)}`)
  return [...lines, '[ "$(id -u)" = 0 ] || SITE_USER=$(id -un)', ''].join('\n')
}
