import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'

/** What the API shows of the first page. */
export const HomeView = z.object({
  attention: z
    .array(
      z.object({
        kind: z.enum(['host-key', 'unreachable', 'disk', 'deploy']),
        title: z.string(),
        text: z.string(),
        subject: z.string().describe('The slug of the server or site'),
        operation_id: z.uuid().nullable(),
        since: timestamp().nullable(),
      }),
    )
    .describe('What wants a person, the worst first'),
  moreAttention: z.number().int().describe('How many more there are'),
  operations: z.array(
    z.object({
      id: z.uuid(),
      title: z.string(),
      status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
      created_at: timestamp(),
    }),
  ),
  deploys: z.array(
    z.object({
      site_slug: z.string(),
      number: z.number().int(),
      kind: z.enum(['deploy', 'rollback']),
      status: z.enum(['queued', 'running', 'live', 'replaced', 'failed', 'cancelled', 'rolled back', 'folded']),
      commit_sha: z.string().nullable(),
      commit_subject: z.string().nullable(),
      requested_by: z.string(),
      operation_id: z.uuid(),
      created_at: timestamp(),
      duration_ms: z.number().nullable(),
    }),
  ),
  firstSteps: z
    .array(
      z.object({
        step: z.enum(['server', 'site', 'deploy']),
        state: z.enum(['good', 'running', 'waiting']),
        isNext: z.boolean(),
      }),
    )
    .nullable()
    .describe('What a new team does first; null once it is done'),
})
