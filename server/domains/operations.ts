import { z } from 'zod'
import { declareOperation } from '../platform/operations/declare.js'

/** Has the edge of the site's server show the site by its names, and by no others. It waits for a deploy of the site. */
export const serveDomainsOperation = declareOperation({
  kind: 'serve-domains',
  input: { siteId: z.uuid() },
  steps: [
    {
      name: 'Set the domains up on the edge',
      output: z.object({ revision: z.int(), ca: z.string().nullable().default(null) }),
    },
    { name: 'See that the edge answers for them' },
  ],
})
