import { z } from 'zod'

export const NewRequirement = z.strictObject({
  /** One connection, or any of the team's. */
  requires: z.union([z.literal('any'), z.uuid()], 'Choose a sign-in connection'),
  /** The owner who gets in by password and second factor all the same. */
  breakGlass: z.uuid('Choose an owner'),
})

export const RequirementAnswer = z.object({
  requirement: z.object({ requires: z.string(), breakGlass: z.uuid().nullable() }).nullable(),
})
