import { z } from 'zod'
import { timestamp } from '../platform/http/fields.js'
import { NewVariable, Value, VariableKind, yesNo } from './variables.js'

/** Forms and API bodies of the environment, and what the API answers. */

export { NewVariable }

/** Left out stays; so does a secret whose value comes back as dots, or empty. */
export const VariableChange = z.strictObject({
  value: Value.optional(),
  kind: VariableKind.optional(),
  isSecret: yesNo.optional(),
})

export const Paste = z.strictObject({
  environment: z.string().max(1_000_000, 'This is too long').optional().describe('The text of a .env file'),
  sealed: z.string().max(2_000_000).optional().describe('Of the preview, instead of the text'),
  newKind: VariableKind.default('both').describe('Of variables that are new'),
  newIsSecret: yesNo.default(true).describe('Of variables that are new'),
  replace: yesNo.default(false).describe('Remove the variables that the text does not have'),
})
export type Paste = z.output<typeof Paste>

export const EnvironmentQuery = z.object({ edit: z.string().max(200).optional() })

export const VariableOutput = z.object({
  key: z.string(),
  kind: VariableKind,
  isSecret: z.boolean(),
  value: z.string().nullable().describe('Null for a secret: it is never read back'),
  updatedAt: timestamp(),
})

const KeyChange = z.object({ key: z.string(), change: z.enum(['added', 'removed', 'changed']) })

export const EnvironmentAnswer = z.object({
  variables: z.array(VariableOutput),
  nextDeploy: z.array(KeyChange).nullable().describe('What the next deploy changes; null while nothing is live'),
})

export const VariableAnswer = z.object({ variable: VariableOutput })

export const PasteAnswer = z.object({
  added: z.array(z.string()),
  changed: z.array(z.string()),
  removed: z.array(z.string()),
  unchanged: z.array(z.string()),
  duplicates: z.array(z.string()),
})
