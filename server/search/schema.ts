import { z } from 'zod'

export const SearchQuery = z.object({ q: z.string().max(100).default('').describe('Part of a name') })

export const FoundView = z.object({
  sites: z.array(z.object({ slug: z.string(), name: z.string(), state: z.string() })),
  servers: z.array(z.object({ slug: z.string(), name: z.string(), status: z.string() })),
})
