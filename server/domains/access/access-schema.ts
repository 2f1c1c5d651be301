import { z } from 'zod'
import { UserError } from '../../platform/errors.js'
import { checkbox, timestamp } from '../../platform/http/fields.js'
import { Secret } from '../../platform/secret.js'
import { Header, parseHeaders } from './headers.js'

/** Forms and API bodies of what stands before a site, and what the API answers. */

/** bcrypt reads no more than that of a password. */
const mostPasswordBytes = 72

export const NewVisitor = z.strictObject({
  username: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'Letters, digits, dots, dashes and @ make a name, at most 64 of them'),
  password: z
    .string()
    .min(8, 'Choose at least 8 characters')
    .refine((text) => Buffer.byteLength(text) <= mostPasswordBytes, `Choose at most ${mostPasswordBytes} characters`)
    .refine((text) => !/[\p{Cc}]/u.test(text), 'Control characters cannot be typed by visitors')
    .transform((text) => new Secret(text))
    .describe('It is not shown again'),
})
export type NewVisitor = z.output<typeof NewVisitor>

export const HeaderChanges = z.strictObject({
  headers: z
    .string()
    .max(100_000, 'These are too many')
    .transform((text, context): Header[] => {
      try {
        return parseHeaders(text)
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        context.addIssue({ code: 'custom', message: error.message })
        return z.NEVER
      }
    })
    .describe('One a line, such as “X-Robots-Tag: noindex”'),
})

export const MaintenanceChanges = z.strictObject({
  isOn: checkbox().describe('Visitors get a page with the text instead of the site'),
  text: z.string().max(2000, 'At most 2,000 characters fit').default('').describe('Left empty: a sentence of ours'),
})
export type MaintenanceChanges = z.output<typeof MaintenanceChanges>

export const AccessOutput = z.object({
  visitors: z
    .array(z.object({ id: z.uuid(), username: z.string(), changedAt: timestamp() }))
    .describe('Who may come in; empty for everybody'),
  headers: z.array(Header),
  maintenance: z.object({ isOn: z.boolean(), text: z.string() }),
  state: z.enum(['empty', 'unsupported', 'waiting', 'failed', 'applied']).describe('Whether the edge has all of it'),
})

export const AccessAnswer = z.object({ access: AccessOutput })

export const RemovedVisitor = z.object({})
