import { z } from 'zod'
import { TeamName } from '../teams/teams.js'
import { Email, NewPassword, PersonName } from '../users/users.js'

export const SetupQuery = z.object({ token: z.string().max(200).optional() })

/** Who runs this panel, and the first team. */
export const FirstPeople = z.strictObject({
  name: PersonName,
  email: Email,
  password: NewPassword,
  team: TeamName,
})

export const SetupForm = FirstPeople.extend({ token: z.string().max(200) })
