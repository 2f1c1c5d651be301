import { z } from 'zod'

/** Forms and API bodies. */
export const NewDeploy = z.strictObject({
  commit: z
    .string()
    .regex(/^ *([0-9a-f]{40}|[0-9a-f]{64})? *$/, 'Give the whole commit: 40 or 64 characters, 0-9 and a-f')
    .transform((text) => text.trim() || undefined)
    .optional()
    .describe('One exact commit; left out, the newest of the branch'),
})

export const NewRollback = z.strictObject({
  release: z.coerce.number().int().min(1).describe('The number of a kept release'),
})

/** What the API shows of a deploy. */
export const DeployView = z.object({
  number: z.number().int(),
  kind: z.enum(['deploy', 'rollback']),
  status: z.enum(['queued', 'running', 'live', 'replaced', 'failed', 'cancelled', 'rolled back', 'folded']),
  branch: z.string(),
  commit_sha: z.string().nullable(),
  commit_subject: z.string().nullable(),
  release_number: z.number().int().nullable(),
  message: z.string().nullable().describe('What happened, when it did not succeed'),
  hint: z.string().nullable().describe('What to do now'),
  requested_by: z.string(),
  operation_id: z.uuid().describe('Its steps and its log'),
  created_at: z.date(),
  started_at: z.date().nullable(),
  ended_at: z.date().nullable(),
})

/** Of a deploy, what a publishable key reads: neither who asked for it nor what was said of it. */
export const PublicDeploy = DeployView.pick({
  number: true,
  kind: true,
  status: true,
  commit_sha: true,
  created_at: true,
  started_at: true,
  ended_at: true,
})

export const ReleaseView = z.object({
  number: z.number().int(),
  state: z.enum(['building', 'kept', 'live', 'failed', 'pruned']),
  commit_sha: z.string(),
  commit_subject: z.string(),
  commit_author: z.string(),
  committed_at: z.date().nullable(),
  runtime: z.enum(['docker', 'process']),
  stack: z.string(),
  node_version: z.string().nullable(),
  created_at: z.date(),
  live_at: z.date().nullable(),
})

/** The same of a release. */
export const PublicRelease = ReleaseView.pick({
  number: true,
  state: true,
  commit_sha: true,
  created_at: true,
  live_at: true,
})

export const ChangeView = z.object({
  from: z.number().int(),
  to: z.number().int(),
  commits: z
    .array(z.object({ sha: z.string(), subject: z.string(), author: z.string(), date: z.date() }))
    .nullable()
    .describe('Newest first; null when the server no longer knows them'),
  undone: z
    .array(z.object({ sha: z.string(), subject: z.string(), author: z.string(), date: z.date() }))
    .nullable()
    .describe('Commits that the older one of the two does not have, when going back'),
  environment: z
    .array(z.object({ key: z.string(), change: z.enum(['added', 'removed', 'changed']) }))
    .nullable()
    .describe('Null for who may not read variables'),
  settings: z.array(z.object({ name: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
})

export const CompareQuery = z.object({
  from: z.coerce.number().int().min(1),
  to: z.coerce.number().int().min(1),
})
