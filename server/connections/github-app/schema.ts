import { z } from 'zod'
import { optional, timestamp } from '../../platform/http/fields.js'

/** What GitHub allows in the name of an account. */
const Organization = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'Give the name as it stands in the address of the organisation')

export const NewApp = z.strictObject({
  organization: optional(Organization),
  webUrl: optional(z.string().trim().max(1000, 'The address is too long')),
})
export type NewApp = z.output<typeof NewApp>

/** What GitHub sends people back with. Whether it is worth anything is asked afterwards. */
const code = z.string().regex(/^[\w-]{1,200}$/, 'it is not one of GitHub’s')
const state = z.string().regex(/^[\w-]{1,200}$/, 'it is not one of ours')
const installationId = z.string().regex(/^\d{1,20}$/, 'it is no number')

export const CreatedQuery = z.object({ code: code.optional(), state: state.optional() })
export const Created = z.strictObject({ code, state })

export const InstalledQuery = z.object({
  installation_id: installationId.optional(),
  setup_action: z.string().max(40).optional(),
  state: state.optional(),
})
export const Installed = z.strictObject({ installationId, state })

export const Installation = z.object({
  id: z.uuid(),
  account: z.string(),
  selection: z.enum(['all', 'selected']),
  repositories: z.number().int().describe('How many the app may see there'),
  suspendedAt: timestamp().nullable(),
  refreshedAt: timestamp().nullable().describe('When GitHub last told what is in it'),
  fault: z.string().nullable(),
})

export const GithubApp = z.object({
  id: z.uuid(),
  name: z.string(),
  owner: z.string(),
  webUrl: z.url(),
  pageUrl: z.url(),
  createdBy: z.string(),
  createdAt: timestamp(),
  lastDeliveryAt: timestamp().nullable(),
})

export const AppAnswer = z.object({ app: GithubApp, installations: z.array(Installation) })

/** Of a connection or an app that was forgotten there is nothing to say. */
export const Forgotten = z.object({})
