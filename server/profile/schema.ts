import { z } from 'zod'
import { NewPassword, PersonName, TypedPassword } from '../users/users.js'

export const NewName = z.strictObject({ name: PersonName })

export const PasswordChange = z.strictObject({ current: TypedPassword, password: NewPassword })

export const Profile = z.object({ name: z.string(), email: z.string() })
