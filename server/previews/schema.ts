import { z } from 'zod'
import { checkbox, integer, timestamp } from '../platform/http/fields.js'
import { NewVariable, VariableKind } from '../sites/sites.js'

export const PreviewWish = z.strictObject({
  isOn: checkbox().describe('Whether pull requests into the branch of the site get previews'),
  most: integer(1, 50).describe('How many there are at once'),
  keptDays: integer(1, 365).describe('After so many days without a push a preview is removed'),
})
export type PreviewWish = z.output<typeof PreviewWish>

export const PreviewVariable = NewVariable

export const Approval = z.strictObject({
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, 'Give the whole hash of the commit')
    .describe('The one that was looked at; a newer one is refused'),
})

export const previewStates = [
  ...(['live', 'deploying', 'failed', 'waits-for-approval', 'waits-for-room', 'waits', 'going', 'none'] as const),
] as const
export type PreviewState = (typeof previewStates)[number]

export const PreviewAnswer = z.object({
  number: z.number().int().describe('Of the pull request'),
  title: z.string(),
  author: z.string().nullable(),
  branch: z.string(),
  commit: z.string(),
  isFork: z.boolean(),
  isOpen: z.boolean(),
  state: z.enum(previewStates),
  text: z.string().describe('The state in words'),
  site: z.string().nullable().describe('The slug of the site that shows it'),
  url: z.string().nullable(),
  deploy: z.number().int().nullable(),
  pushedAt: timestamp(),
  removedAfter: timestamp().nullable().describe('When it goes, unless somebody pushes'),
  fault: z.string().nullable(),
})

/** Of previews, what a publishable key reads: not what their authors wrote. */
export const PublicPreviews = z.object({
  previews: z.array(PreviewAnswer.pick({ number: true, state: true, url: true, pushedAt: true })),
})

export const PreviewsAnswer = z.object({
  settings: z.object({ isOn: z.boolean(), most: z.number().int(), keptDays: z.number().int() }),
  previews: z.array(PreviewAnswer),
  variables: z.array(
    z.object({ key: z.string(), kind: VariableKind, isSecret: z.boolean(), value: z.string().nullable() }),
  ),
  missing: z.array(z.string()).describe('Secrets of the site that previews have no variable for'),
})
