import { z } from 'zod'

/** What the API shows of an operation. */
export const OperationView = z.object({
  id: z.uuid(),
  kind: z.string(),
  title: z.string(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  message: z.string().nullable().describe('What happened, when it did not succeed'),
  hint: z.string().nullable().describe('What to do now'),
  requested_by: z.string(),
  cancel_requested_at: z.date().nullable(),
  created_at: z.date(),
  started_at: z.date().nullable(),
  ended_at: z.date().nullable(),
})

export const StepView = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'succeeded', 'failed', 'skipped', 'undone', 'undo-failed']),
  message: z.string().nullable(),
  started_at: z.date().nullable(),
  ended_at: z.date().nullable(),
})

export const LineView = z.object({
  seq: z.number().int(),
  step: z.number().int(),
  at: z.string(),
  stream: z.enum(['out', 'err', 'note']),
  text: z.string(),
})

export const LogQuery = z.object({
  after: z.coerce.number().int().min(0).default(0).describe('Only lines after this number'),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
})
