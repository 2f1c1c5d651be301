import { z } from 'zod'

export const Confirmed = z.strictObject({ confirm: z.string().max(200) })
