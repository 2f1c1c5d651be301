import { z } from 'zod'
import { declareOperation } from '../platform/operations/declare.js'

/** Nothing of the site is left on its server, and then nothing in the database. It waits for whatever holds the site. */
export const removeSiteOperation = declareOperation({
  kind: 'remove-site',
  input: { siteId: z.uuid() },
  steps: [
    { name: 'Turn visitors away' },
    { name: 'Stop what runs' },
    { name: 'Remove its files and its user' },
    { name: 'Delete the site', commits: true },
  ],
})

/** Releases stay on the server, so that the site can come back in seconds. */
export const deactivateSiteOperation = declareOperation({
  kind: 'deactivate-site',
  input: { siteId: z.uuid() },
  steps: [{ name: 'Turn visitors away' }, { name: 'Stop what runs' }],
})

/** One at a time may hold a site: a deploy, a removal. */
export const subjectOf = (siteId: string): string => `site:${siteId}`
