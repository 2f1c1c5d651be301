import { z } from 'zod'
import { gitHostNames } from '../git/hosts/hosts.js'
import { timestamp } from '../platform/http/fields.js'
import { Repository } from '../sites/sites.js'

export const NewConnection = z.strictObject({
  repositoryUrl: Repository,
  host: z
    .preprocess(
      (value) => (value === '' ? undefined : value),
      z.enum(gitHostNames, 'Choose the kind of host').optional(),
    )
    .describe('Left out where the address tells'),
})
export type NewConnection = z.output<typeof NewConnection>

const Connection = z.object({
  id: z.uuid(),
  host: z.enum(gitHostNames),
  repository: z.string().describe('However it is cloned: github.com/acme/shop'),
  webhookUrl: z.url(),
  createdBy: z.string(),
  createdAt: timestamp(),
  lastDeliveryAt: timestamp().nullable(),
})

export const ConnectionList = z.object({ connections: z.array(Connection) })

export const ConnectionAnswer = z.object({ connection: Connection })

/** The only time that the secret leaves. */
export const ConnectedAnswer = z.object({ connection: Connection, secret: z.string() })
