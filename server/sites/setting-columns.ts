import type { SitesRow } from '../platform/db/tables.js'
import type { SiteChanges } from './schema.js'

/** How the settings are called by people and programs, and in the table. */
const columns = {
  name: 'name',
  branch: 'branch',
  stack: 'stack',
  rootFolder: 'root_folder',
  buildCommand: 'build_command',
  startCommand: 'start_command',
  staticFolder: 'static_folder',
  releaseCommand: 'release_command',
  nodeVersion: 'node_version',
  healthPath: 'health_path',
  healthDeadlineSeconds: 'health_deadline_seconds',
  drainSeconds: 'drain_seconds',
  watchSeconds: 'watch_seconds',
  memoryMb: 'memory_mb',
  keepReleases: 'keep_releases',
  cpus: 'cpus',
  port: 'port',
} as const satisfies Record<keyof SiteChanges, keyof SitesRow>

type Column = (typeof columns)[keyof typeof columns]

/** The columns of what was given; what was left out is not there. */
export function columnsOf(changes: SiteChanges): Partial<Pick<SitesRow, Column>> {
  const entries = Object.entries(columns).flatMap(([field, column]) => {
    const value = changes[field as keyof SiteChanges] // `as`: they are the table's keys
    if (value === undefined) return []
    return [[column, field === 'cpus' ? String(value) : value]]
  })
  return Object.fromEntries(entries)
}
