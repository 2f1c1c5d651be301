import { z } from 'zod'
import type { SitesRow } from '../platform/db/tables.js'

/** The settings of the site that a release was built and started with: kept beside it, so that going back goes all the way. */
export const ReleaseSettings = z.object({
  root_folder: z.string(),
  build_command: z.string().nullable(),
  start_command: z.string().nullable(),
  static_folder: z.string().nullable(),
  release_command: z.string().nullable(),
  health_path: z.string(),
  memory_mb: z.number(),
  cpus: z.string(),
  runtime: z.enum(['docker', 'process']),
  stack: z.enum(['static', 'node', 'dockerfile']),
  node_version: z.string().nullable(),
})

export type ReleaseSettings = z.output<typeof ReleaseSettings>

export const settingsOf = (site: SitesRow): ReleaseSettings => ReleaseSettings.parse(site)
